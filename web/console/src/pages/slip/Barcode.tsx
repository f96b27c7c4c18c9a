import { widthsOf } from './code128';

/** The modules that must stay empty on both sides. */
const QUIET = 10;
const HEIGHT = 50;

export function Barcode({ of }: { of: string }) {
  const widths = widthsOf(of);
  let at = QUIET;
  let path = '';
  widths.forEach((width, index) => {
    if (index % 2 === 0) path += `M${at} 0h${width}v${HEIGHT}h-${width}z`;
    at += width;
  });
  return (
    <svg className="barcode" viewBox={`0 0 ${at + QUIET} ${HEIGHT}`} preserveAspectRatio="none" shapeRendering="crispEdges" role="img" aria-label={of}>
      <path d={path} fill="#000" />
    </svg>
  );
}
