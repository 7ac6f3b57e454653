// Streamlit's entry to the cells of a sweep.

import { component } from "../../../figures/canvas/component.js";
import { createCells, destroyCells, receiveSweep } from "../../../figures/cells/page.js";

export default component({
  create: createCells,
  receive: (view, { data, setTriggerValue }) => {
    view.trigger = setTriggerValue;
    receiveSweep(view, data);
  },
  destroy: destroyCells,
});
