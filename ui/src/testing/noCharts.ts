/** Stands in for uPlot where there is no canvas. */
export default class NoChart {
  setData() {}
  setSize() {}
  destroy() {}
}
