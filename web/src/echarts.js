// The parts of Apache ECharts that the pages use.

import { BarChart, CustomChart, LineChart, ScatterChart, TreemapChart } from "echarts/charts";
import {
  DataZoomSliderComponent,
  GridComponent,
  LegendScrollComponent,
  MarkAreaComponent,
  MarkLineComponent,
  TooltipComponent,
} from "echarts/components";
import { use } from "echarts/core";
import { CanvasRenderer, SVGRenderer } from "echarts/renderers";

use([BarChart, CustomChart, LineChart, ScatterChart, TreemapChart]);
use([
  DataZoomSliderComponent,
  GridComponent,
  LegendScrollComponent,
  MarkAreaComponent,
  MarkLineComponent,
  TooltipComponent,
]);
use([CanvasRenderer, SVGRenderer]);

export { getInstanceByDom, init } from "echarts/core";
export { clipRectByRect } from "echarts/lib/util/graphic.js";
