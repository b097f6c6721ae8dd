// The sigma back end: our own viewer (visualisations/viewer) draws groups and what is in them. It knows
// positions and looks, and no evidence. It keeps to the interface at the head of draw_pyvis.js, with these
// differences for tens of thousands of items: what is drawn is decided by how near one is, so `paint` is
// given looks on demand (`items.get(id)`, null for what is filtered out) and gathers ties itself
// (`ties.among(standsFor)`); and it gives `around` for the keyboard, and `drawnIds` and `openIds`.

const FONT = 'system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif';

const backEnds = {
  sigma: (stage, drawing, look, events) => icsgraphViewer.drawWithSigma(stage, drawing, look, events),
};
