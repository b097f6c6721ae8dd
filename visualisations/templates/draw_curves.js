// The curves of ties, as vis-network draws them: for finding the tie under a point, and for pictures.

const CURVE_STEPS = 48;

/** The points that steer the curve of a tie: none for a straight one, one for an arc, two between lists. */
function steering(from, to, smooth) {
  if (!smooth.enabled) return [];
  if (smooth.type === "cubicBezier") {
    const bend = smooth.roundness * (to.x - from.x);
    return [{ x: from.x + bend, y: from.y }, { x: to.x - bend, y: to.y }];
  }
  const share = smooth.roundness * 0.5 + 0.5; // curvedCW in vis-network's BezierEdgeStatic
  const angle = (Math.atan2(from.y - to.y, from.x - to.x) + share * Math.PI) % (2 * Math.PI);
  const radius = Math.hypot(from.x - to.x, from.y - to.y);
  return [{ x: from.x + share * radius * Math.sin(angle), y: from.y + share * radius * Math.cos(angle) }];
}

function pointOn(t, from, to, [one, two]) {
  const s = 1 - t;
  const mix = (axis) => {
    if (!one) return s * from[axis] + t * to[axis];
    if (!two) return s * s * from[axis] + 2 * s * t * one[axis] + t * t * to[axis];
    return s * s * s * from[axis] + 3 * s * s * t * one[axis] + 3 * s * t * t * two[axis] + t * t * t * to[axis];
  };
  return { x: mix("x"), y: mix("y") };
}

/** How far a point lies from the curve between two marks. */
function distanceTo(at, from, to, smooth) {
  const steers = steering(from, to, smooth);
  const steps = steers.length ? CURVE_STEPS : 0;
  if (!steps) return distanceToLine(at, from, to);
  let least = Infinity;
  for (let step = 0; step <= steps; step += 1) {
    const point = pointOn(step / steps, from, to, steers);
    least = Math.min(least, Math.hypot(at.x - point.x, at.y - point.y));
  }
  return least;
}

function distanceToLine(at, from, to) {
  const [dx, dy] = [to.x - from.x, to.y - from.y];
  const length = dx * dx + dy * dy;
  const t = length ? Math.max(0, Math.min(1, ((at.x - from.x) * dx + (at.y - from.y) * dy) / length)) : 0;
  return Math.hypot(at.x - from.x - t * dx, at.y - from.y - t * dy);
}

/** The curve as the path of a picture. */
function curvePath(from, to, smooth) {
  const point = ({ x, y }) => `${x.toFixed(1)} ${y.toFixed(1)}`;
  const steers = steering(from, to, smooth);
  return `M${point(from)}${["L", "Q", "C"][steers.length]}${[...steers, to].map(point).join(" ")}`;
}
