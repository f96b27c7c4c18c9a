// A chart of ECharts, which is loaded with the first chart that is shown.
import { useEffect, useRef } from 'react';

import { theme } from 'antd';
import type { EChartsCoreOption } from 'echarts/core';

async function load() {
  const [{ use, init }, { BarChart, LineChart }, { GridComponent, TooltipComponent }, { CanvasRenderer }] = await Promise.all([
    import('echarts/core'),
    import('echarts/charts'),
    import('echarts/components'),
    import('echarts/renderers'),
  ]);
  use([BarChart, LineChart, GridComponent, TooltipComponent, CanvasRenderer]);
  return init;
}

export interface Point {
  readonly label: string;
  readonly value: number | null;
}

interface Props {
  readonly label: string;
  readonly points: readonly Point[];
  readonly isLine: boolean;
  readonly format: (value: number | null) => string;
}

// Blue on both grounds: seen by everybody who sees less of red or green.
export function Chart({ label, points, isLine, format }: Props) {
  const frame = useRef<HTMLDivElement>(null);
  const { token } = theme.useToken();
  useEffect(() => {
    const element = frame.current;
    if (!element) return undefined;
    let end = () => {};
    let isOver = false;
    void load().then(init => {
      if (isOver) return;
      const chart = init(element);
      chart.setOption(optionOf(points, isLine, format, token));
      const observer = new ResizeObserver(() => chart.resize());
      observer.observe(element);
      end = () => {
        observer.disconnect();
        chart.dispose();
      };
    });
    return () => {
      isOver = true;
      end();
    };
  }, [points, isLine, format, token]);
  return <div ref={frame} role="img" aria-label={label} className="quality-chart" />;
}

interface Colours {
  readonly colorPrimary: string;
  readonly colorTextSecondary: string;
  readonly colorText: string;
  readonly colorBorderSecondary: string;
  readonly colorBgElevated: string;
}

function optionOf(points: readonly Point[], isLine: boolean, format: Props['format'], colours: Colours): EChartsCoreOption {
  const text = { color: colours.colorTextSecondary };
  const names = {
    type: 'category',
    data: points.map(({ label }) => label),
    axisLabel: { ...text, hideOverlap: true, width: 120, overflow: 'truncate' },
    axisLine: { onZero: false, lineStyle: { color: colours.colorBorderSecondary } },
    axisTick: { show: false },
    inverse: !isLine,
  };
  const values = {
    type: 'value',
    axisLabel: { ...text, formatter: (value: number) => format(value) },
    splitLine: { lineStyle: { color: colours.colorBorderSecondary } },
  };
  return {
    animation: !matchMedia('(prefers-reduced-motion: reduce)').matches,
    grid: { left: 8, right: 24, top: 16, bottom: 8, outerBoundsMode: 'same' },
    // Drawn on the canvas: a tooltip of HTML has inline styles, which the policy of the page forbids.
    tooltip: {
      trigger: 'axis',
      renderMode: 'richText',
      backgroundColor: colours.colorBgElevated,
      borderColor: colours.colorBorderSecondary,
      textStyle: { color: colours.colorText },
      valueFormatter: (value: unknown) => format(typeof value === 'number' ? value : null),
    },
    xAxis: isLine ? names : values,
    yAxis: isLine ? values : names,
    series: [
      {
        type: isLine ? 'line' : 'bar',
        data: points.map(({ value }) => value),
        color: colours.colorPrimary,
        barMaxWidth: 18,
        symbolSize: 5,
        connectNulls: false,
      },
    ],
  };
}
