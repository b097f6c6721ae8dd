// Time: bars for when findings were observed (certainly: dark, possibly: light), a slider, steps and play.

const PLAY_EVERY = 1100; // milliseconds between steps
let playing = null;

function buildTime() {
  if (data.periods.length < 2) {
    byId("time").hidden = true;
    return;
  }
  byId("time").style.setProperty("--periods", data.periods.length);
  const slider = byId("date");
  slider.max = LAST_PERIOD;
  slider.addEventListener("input", () => { stopPlaying(); setPeriod(Number(slider.value)); });
  byId("step-back").addEventListener("click", () => { stopPlaying(); setPeriod(state.period - 1); });
  byId("step-on").addEventListener("click", () => { stopPlaying(); setPeriod(state.period + 1); });
  byId("play").addEventListener("click", () => (playing ? stopPlaying() : startPlaying()));
  byId("bars").append(...data.periods.map((period) => el("div", { class: "bar-place" },
    el("span", { class: "bar possible" }), el("span", { class: "bar certain" }),
    el("span", { class: "bar-label" }, period.tick))));
}

function setPeriod(period) {
  state.period = Math.max(0, Math.min(LAST_PERIOD, period));
  refresh({ say: true });
}

function startPlaying() {
  if (state.period === LAST_PERIOD) setPeriod(0);
  playing = setInterval(() => {
    setPeriod(state.period + 1);
    if (state.period === LAST_PERIOD) stopPlaying();
  }, PLAY_EVERY);
  showPlay();
}

function stopPlaying() {
  clearInterval(playing);
  playing = null;
  showPlay();
}

function showPlay() {
  byId("play").textContent = playing ? "❚❚ Pause" : "▶ Play";
}

function showTime(now) {
  if (byId("time").hidden) return;
  const { counts, undated } = inPeriods();
  const most = Math.max(1, ...counts.map((c) => c.certain + c.possible));
  counts.forEach((count, index) => {
    const place = byId("bars").children[index];
    place.children[0].style.height = `${(100 * count.possible) / most}%`;
    place.children[1].style.height = `${(100 * count.certain) / most}%`;
    place.classList.toggle("later", index > state.period);
  });
  showDate(totals(now), undated);
}

function showDate({ certain, possible }, undated) {
  const slider = byId("date");
  slider.value = state.period;
  const rest = `${number(certain)} certain, ${number(possible)} possible`;
  const day = plainDay(dayOf(state.period));
  const all = state.period === LAST_PERIOD;
  byId("date-words").textContent = all ? "All dates" : `${dateWords(day)}: ${rest}`;
  slider.setAttribute("aria-valuetext", all ? `All dates, up to ${day}: ${rest}` : `${dateWords(day)}: ${rest}`);
  byId("undated").textContent = undated ? `${number(undated)} without a date` : "";
  byId("step-back").disabled = state.period === 0;
  byId("step-on").disabled = all;
}
