"""Rules of the leaderboard's page, after the common ones."""

CSS = """
.lb { color: var(--body-text-color); }
.lb p { margin: 0 0 8px; }
.lb-status { color: var(--ah-quiet); }
.lb-unlike { border-left: 4px solid var(--ah-floor-line); background: var(--ah-floor);
  padding: 8px 12px; border-radius: 0 6px 6px 0; }
.lb-scroll { overflow-x: auto; contain: inline-size; border-radius: 10px;
  border: 1px solid var(--ah-line); background: var(--ah-panel); }
.lb table { border-collapse: separate; border-spacing: 0; width: 100%; margin: 0;
  font-size: 0.875rem; line-height: 1.3; font-variant-numeric: tabular-nums; border: 0; }
.lb caption { text-align: start; padding: 10px 12px 4px; color: var(--ah-quiet);
  font-size: 0.8rem; }
.lb caption span { position: sticky; left: 12px; display: inline-block;
  max-width: min(100%, calc(100vw - 60px)); }
.lb :is(th, td) { padding: 7px 6px; text-align: right; vertical-align: top; font-weight: 400;
  border: 0; border-bottom: 1px solid var(--ah-line); white-space: nowrap;
  background: var(--ah-panel); }
.lb tbody tr:last-child > * { border-bottom: 0; }
.lb thead th { vertical-align: bottom; font-weight: 600; border-bottom: 2px solid var(--ah-line); }
.lb thead td.lb-none { border: 0; }
.lb thead .lb-task { text-align: center; font-size: 0.75rem; color: var(--ah-quiet);
  border-bottom: 0; padding-bottom: 0; white-space: normal; }
.lb thead button { all: unset; cursor: pointer; font: inherit; font-weight: 600; padding: 4px 2px;
  border-radius: 4px; color: inherit; }
.lb thead button:hover { text-decoration: underline; }
.lb thead button:focus-visible { outline: 3px solid var(--ah-accent); outline-offset: 1px; }
.lb-arrow { margin-inline-start: 3px; font-size: 0.7em; color: var(--ah-quiet); }
.lb th[aria-sort$="ending"] { color: var(--ah-accent); }
.lb th[aria-sort$="ending"] .lb-arrow { color: var(--ah-accent); }
.lb .lb-rank { text-align: center; width: 3.2em; color: var(--ah-quiet); padding-inline: 4px; }
.lb .lb-system { text-align: start; min-width: 10.5rem; white-space: normal; position: sticky;
  left: 0; z-index: 1; border-right: 1px solid var(--ah-line); }
.lb .lb-name { display: block; font-weight: 600; overflow-wrap: anywhere; }
.lb .lb-name a, .lb .lb-answers, .lb-csv a { color: var(--ah-accent); text-decoration: underline;
  text-underline-offset: 2px; }
.lb-marks { display: flex; flex-wrap: wrap; gap: 3px 5px; margin-top: 3px; font-size: 0.72rem;
  align-items: center; }
.lb-chip { padding: 0 6px; border: 1px solid currentColor; border-radius: 9px; }
.lb-audio { color: var(--ah-audio); }
.lb-video { color: var(--ah-video); }
.lb-text { color: var(--ah-text); }
.lb-claim { color: var(--ah-quiet); font-style: italic; }
.lb small { display: block; font-size: 0.72rem; color: var(--ah-quiet); font-weight: 400; }
.lb td b { font-weight: 500; }
.lb td.lb-chosen { background: var(--ah-accent-soft); }
.lb td.lb-chosen b { font-weight: 700; }
.lb-empty { color: var(--ah-quiet); }
.lb-below { color: var(--ah-bad); }
.lb-band th { text-align: start !important; background: var(--ah-band) !important;
  font-weight: 600 !important; padding-block: 8px !important; }
.lb-band th span { position: sticky; left: 10px; display: inline-block; white-space: normal;
  max-width: min(100%, 80vw); }
.lb-floor > * { background: var(--ah-floor) !important; }
.lb-floor .lb-name { font-weight: 500; }
.lb-floor th.lb-system { box-shadow: inset 3px 0 0 var(--ah-floor-line); }
.lb-range { display: block; width: 100%; min-width: 64px; height: 10px; margin-top: 3px; }
.lb-range path { fill: none; vector-effect: non-scaling-stroke; }
.lb-axis { stroke: var(--ah-line); stroke-width: 1; }
.dark .lb-axis { stroke: #4a5168; }
.lb-interval { stroke: var(--ah-accent); stroke-width: 7; opacity: 0.5; }
.lb-point { stroke: var(--ah-accent); stroke-width: 2; }
.lb-tick { stroke: var(--ah-floor-line); stroke-width: 1.5; stroke-dasharray: 2 2; }
.lb-csv { margin-top: 10px !important; }
.lb-bad { border-left: 4px solid var(--ah-bad); background: var(--ah-bad-soft);
  padding: 10px 14px; border-radius: 0 6px 6px 0; }
.lb-bad h2 { font-size: 1.1rem; font-weight: 600; margin: 0 0 4px; }
.lb-bad ul { margin: 6px 0 0; padding-inline-start: 20px; list-style: disc; }
.lb-bad li { overflow-wrap: anywhere; }
.lb-text h2 { font-size: 1.2rem; margin-top: 1.2em; }
@media (max-width: 640px) {
  .lb .lb-system { min-width: 8.2rem; max-width: 8.6rem; }
  .lb .lb-rank { width: 2.4em; }
  .lb-task { text-align: start !important; }
}
"""
