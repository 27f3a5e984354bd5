"""How the demo looks, on top of the look of every page."""

CSS = """
@keyframes demo-blink { 50% { opacity: 0; } }
/* One step above gradio's own rules for headings, lists and quotes. */
.gradio-container.gradio-container {
  .demo-panel { background: var(--ah-panel) !important; border: 1px solid var(--ah-line);
    border-radius: 14px; padding: 18px !important; gap: 14px !important; }
  .demo-panel h2, .demo-card h2 { font-size: 1.02rem; font-weight: 650; margin: 0 0 10px; }
  .demo-card { border-top: 1px solid var(--ah-line); padding-top: 16px !important; }
  .demo-card .demo-card { border: 0; padding: 0 !important; }
  .demo-card:not(:has(h2)) { display: none; }
  #demo-status:not(:has(p:not(.ah-unseen))) { position: absolute !important; }
  #demo-video { min-height: 250px; }
  #demo-video video { max-height: 250px; }
  .demo-panel :is(textarea, .wrap-inner) { border: 1px solid var(--input-border-color);
    border-radius: 8px; }
  .demo-panel :is(textarea, input):focus-visible {
    outline: 3px solid var(--ah-accent) !important; outline-offset: 2px; }
  .demo-panel [role=tab][aria-selected=true] { color: var(--ah-accent); }
  /* gradio's own words follow the browser; these follow the switch. */
  :is(#demo-video, #demo-audio) [data-testid=upload-text] { font-size: 0; }
  :is(#demo-video, #demo-audio) [data-testid=upload-text] .or { display: none; }
  :is(#demo-video, #demo-audio) [data-testid=upload-text]::after { font-size: 1rem;
    content: "Drop a file here, or click to choose one"; max-width: 22ch; line-height: 1.4;
    text-align: center; }
  :lang(zh) :is(#demo-video, #demo-audio) [data-testid=upload-text]::after {
    content: "拖放文件到这里，或点击选择"; }
  .demo-panel .html-container { padding: 0; }
  .demo-note, .demo-empty { color: var(--ah-quiet); font-size: .875rem; line-height: 1.5;
    margin: 8px 0 0; max-width: 62ch; }
  .demo-empty { font-size: 1rem; margin: 0; padding: 22px; border: 1.5px dashed var(--ah-line);
    border-radius: 12px; background: var(--ah-band); }
  .demo-busy { color: var(--ah-quiet); margin: 0; }
  .demo-error { color: var(--ah-bad); background: var(--ah-bad-soft); border-radius: 10px;
    border-left: 4px solid var(--ah-bad); padding: 12px 14px; margin: 0; overflow-wrap: anywhere; }
  .demo-error span { font-weight: 800; margin-right: 10px; }
  .demo-said { font-size: 1.55rem; line-height: 1.35; font-weight: 600; letter-spacing: -.01em;
    margin: 0; padding: 2px 0 2px 16px; border-left: 4px solid var(--ah-accent);
    overflow-wrap: anywhere; }
  .demo-caret { display: inline-block; width: .5ch; height: 1em; margin-left: 4px;
    vertical-align: -.12em; background: var(--ah-accent);
    animation: demo-blink 1s steps(2) infinite; }
  .demo-facts { display: flex; flex-wrap: wrap; gap: 14px 36px; margin: 18px 0 0; }
  .demo-facts dt { color: var(--ah-quiet); font-size: .8rem; margin-bottom: 6px; }
  .demo-facts dd { margin: 0; }
  .demo-chips { display: flex; flex-wrap: wrap; gap: 8px; list-style: none; margin: 0; padding: 0; }
  .demo-chips li { display: flex; align-items: center; gap: 8px; margin: 0; padding: 4px 12px;
    border: 1px solid var(--ah-line); border-radius: 999px; background: var(--ah-band); }
  .demo-chips li::before { content: ""; width: 11px; height: 11px; border-radius: 50%;
    background: var(--dot); box-shadow: 0 0 0 1px rgb(0 0 0 / .25); }
  .demo-feeling { font-weight: 600; padding: 4px 0; }
  .demo-feeling.positive { color: var(--ah-good); } .demo-feeling.negative { color: var(--ah-bad); }
  .demo-wheel { display: block; width: min(100%, 520px); height: auto; margin: 4px auto; }
  .demo-wheel path, .demo-wheel circle { opacity: .2; stroke: var(--ah-panel); stroke-width: 2; }
  .demo-wheel .core { opacity: .34; }
  .demo-wheel .lit { opacity: 1; }
  .demo-wheel path.sector.lit { stroke: var(--body-text-color); stroke-width: 2.2; }
  .demo-wheel text { fill: var(--body-text-color); font-size: 13px; opacity: 1; }
  .demo-wheel .sector-name { fill: var(--ah-quiet); font-size: 12.5px; }
  .demo-wheel .sector-name.lit { fill: var(--body-text-color); font-weight: 700; font-size: 14px; }
  .demo-wheel .core-name { font-weight: 600; }
  .demo-wheel .core-name.lit { fill: #10131a; font-weight: 700; }
  .demo-told { margin: 0 0 10px; }
  .demo-bars { list-style: none; margin: 0; padding: 0; display: grid; gap: 9px; }
  .demo-bars li { display: grid; grid-template-columns: 10.5em 1fr 3.4em; gap: 12px; margin: 0;
    align-items: center; }
  .demo-bars .track { height: 14px; border-radius: 7px; background: var(--ah-band);
    box-shadow: inset 0 0 0 1px var(--ah-line); overflow: hidden; }
  .demo-bars .track span { display: block; height: 100%; border-radius: 7px;
    background: var(--ah-quiet); }
  .demo-bars .audio .track span { background: var(--ah-audio); }
  .demo-bars .video .track span { background: var(--ah-video); }
  .demo-bars .text .track span { background: var(--ah-text); }
  .demo-bars .most :is(.name, .value) { font-weight: 700; }
  .demo-bars .value { text-align: right; font-variant-numeric: tabular-nums; }
  .demo-wave { display: block; width: 100%; height: 64px; fill: var(--ah-audio); margin: 0 0 12px; }
  .demo-strip { display: grid; grid-template-columns: repeat(6, 1fr); gap: 8px; list-style: none;
    margin: 0; padding: 0; }
  .demo-strip li { margin: 0; }
  .demo-strip img { width: 100%; height: auto; aspect-ratio: 1; object-fit: cover;
    border-radius: 8px; display: block; margin: 0; }
  .demo-transcript { margin: 12px 0 0; font-style: italic; }
  .demo-examples { gap: 8px !important; }
  .demo-examples button { font-size: .94rem; justify-content: flex-start; text-align: left;
    font-weight: 450;  white-space: normal; line-height: 1.35; min-height: 44px; }
  .demo-foot { border-top: 1px solid var(--ah-line); margin-top: 8px;
    padding-top: 14px !important; }
  .demo-foot p { color: var(--ah-quiet); font-size: .84rem; line-height: 1.55; max-width: 95ch;
    margin: 0 0 6px; }
  #demo-ask { min-height: 48px; font-size: 1.05rem; }
  @media (max-width: 640px) {
    .ah-top { flex-direction: column; align-items: stretch; }
    .gradio-container main { padding-inline: 2px !important; }
    .demo-panel { padding: 14px !important; }
    .demo-wheel .sector-name:not(.lit) { display: none; }
    .demo-wheel .sector-name.lit { font-size: 17px; }
    .demo-wheel .core-name { font-size: 13.5px; }
    .demo-said { font-size: 1.3rem; }
    .demo-strip { grid-template-columns: repeat(3, 1fr); }
    .demo-bars li { grid-template-columns: 1fr 3.4em; gap: 2px 8px; }
    .demo-bars .name { grid-column: 1 / -1; }
  }
}
"""

# Once: the region whose words a screen reader tells when they change, and names for gradio's own
# buttons and players, which follow the switch.
LIVE = """
() => {
  const region = document.getElementById('demo-status');
  region.setAttribute('role', 'status');
  region.setAttribute('aria-live', 'polite');
  region.setAttribute('aria-atomic', 'true');
  const names = {
    'Drop a video file here to upload': ['Drop or choose a video', '拖放或选择视频'],
    'Drop an audio file here to upload': ['Drop or choose a sound', '拖放或选择声音'],
    'File upload': ['Choose a file', '选择文件'],
    'Upload file': ['Upload a file', '上传文件'],
    'Capture from camera': ['Record with the camera', '用摄像头录制'],
    'Record audio': ['Record with the microphone', '用麦克风录音'],
    'Video player': ['The clip', '片段'],
    'play-pause-replay-button': ['Play or pause', '播放或暂停'],
    'Play': ['Play', '播放'], 'Pause': ['Pause', '暂停'],
    'Adjust volume': ['Volume', '音量'],
    'Adjust playback speed': ['Speed', '播放速度'],
    'Adjust playback speed to 1x': ['Speed', '播放速度'],
    'Skip backwards by 5 seconds': ['Five seconds back', '后退五秒'],
    'Skip forward by 5 seconds': ['Five seconds on', '前进五秒'],
    'full-screen': ['Full screen', '全屏'],
    'Reset video to initial value': ['Undo cuts', '撤销剪裁'],
    'Reset audio': ['Undo cuts', '撤销剪裁'],
    'undo': ['Undo', '撤销'], 'Undo': ['Undo', '撤销'],
    'Trim video to selection': ['Cut the clip', '剪裁视频'],
    'Trim audio to selection': ['Cut the sound', '剪裁声音'],
    'Clear': ['Remove the clip', '移除片段'],
    'Record video from camera': ['Record with the camera', '用摄像头录制'],
    'Clear audio': ['Remove the clip', '移除片段'],
    'start drag handle for trimming video': ['Begins at', '起点'],
    'end drag handle for trimming video': ['Ends at', '终点'],
    'select input source': ['Choose a camera', '选择摄像头'],
    'Select input device': ['Choose a microphone', '选择麦克风'],
    'select source': ['Choose a camera', '选择摄像头'],
  };
  const name = () => {
    const isChinese = document.documentElement.lang.startsWith('zh');
    for (const part of document.querySelectorAll('#demo-video, #demo-audio')) {
      for (const player of part.querySelectorAll('video, audio'))
        if (!player.dataset.named) player.setAttribute('aria-label', 'Video player');
      // It says "Stop" while its name still is to start.
      for (const recorder of part.querySelectorAll('[aria-label="start recording"]'))
        if (recorder.textContent.trim()) recorder.removeAttribute('aria-label');
      for (const control of part.querySelectorAll('[aria-label]')) {
        const now = control.getAttribute('aria-label');
        if (now !== control.dataset.said) control.dataset.named = now;
        const said = names[control.dataset.named]?.[Number(isChinese)] ?? control.dataset.named;
        control.dataset.said = said;
        if (now !== said) control.setAttribute('aria-label', said);
      }
    }
  };
  name();
  const watch = new MutationObserver(name);
  for (const part of document.querySelectorAll('#demo-video, #demo-audio'))
    watch.observe(part, {childList: true, subtree: true, attributeFilter: ['aria-label']});
  watch.observe(document.documentElement, {attributeFilter: ['lang']});
}
"""

# Where the answer stands below, as on a phone, whoever asks is brought there.
SHOW_ANSWER = """
(...given) => {
  const region = document.getElementById('demo-answer').closest('.demo-panel');
  if (region.getBoundingClientRect().top > innerHeight * 0.6) region.scrollIntoView();
  return given;
}
"""
