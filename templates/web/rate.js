// Stores each choice on the page of an issue at once, offers to take it back, and lets j, k and l
// move and like. Without it the form does the same, with one button. Nothing happens before a tap.
(() => {
  "use strict";
  const doubleTapMs = 600;
  const form = document.getElementById("ratings");
  const [told, send, undo, big, hint] = ["told", "send", "undo", "big", "hint"].map((id) =>
    document.getElementById(id),
  );
  const bar = send.closest(".send");
  const groups = [...form.querySelectorAll("fieldset[data-paper]")];
  const stored = new Map(groups.map((group) => [group, wasOf(group)]));
  const changes = [];
  let sending = Promise.resolve();
  let tappedAt = -doubleTapMs;

  function wasOf(group) {
    const was = group.querySelector("[type=hidden]").value.split(" ");
    return { value: was.find((word) => word === "up" || word === "down") || "none", saved: was.includes("save") };
  }

  function chosenIn(group) {
    return {
      value: group.querySelector("[type=radio]:checked").value,
      saved: group.querySelector("[type=checkbox]").checked,
    };
  }

  function show(group, state) {
    group.querySelector(`[value=${state.value}]`).checked = true;
    group.querySelector("[type=checkbox]").checked = state.saved;
    if (big && group.dataset.paper === big.dataset.paper) {
      const vote = big.dataset.vote;
      const isSaid = vote === "save" ? state.saved : state.value === vote;
      big.setAttribute("aria-pressed", String(isSaid));
      hint.textContent = isSaid ? hint.dataset.after : hint.dataset.before;
    }
  }

  const isSame = (one, other) => one.value === other.value && one.saved === other.saved;
  const wordsOf = (state) => (state.value === "none" ? "" : state.value) + (state.saved ? " save" : "");

  async function post(group, state, before) {
    const id = group.dataset.paper;
    const body = new URLSearchParams({ fragment: "1" });
    body.set(`was-${id}`, wordsOf(before));
    body.set(`value-${id}`, state.value);
    if (state.saved) body.set(`saved-${id}`, "1");
    const answer = await fetch(location.href, { method: "POST", mode: "same-origin", redirect: "error", body });
    if (!answer.ok) throw new Error(String(answer.status));
    return answer.text();
  }

  // One after the other, for the newest choice has to be the last that arrives.
  function store(group, state, isUndone = false) {
    sending = sending.then(async () => {
      const before = stored.get(group);
      if (isSame(state, before)) return;
      try {
        const words = await post(group, state, before);
        stored.set(group, state);
        group.querySelector("[type=hidden]").value = wordsOf(state);
        told.innerHTML = words;
        bar.classList.remove("resting");
        if (!isUndone) changes.push([group, before]);
        offerUndo();
        send.hidden = groups.every((each) => isSame(chosenIn(each), stored.get(each)));
      } catch {
        told.textContent = form.dataset.failed;
        bar.classList.remove("resting");
        send.hidden = false;
      }
    });
  }

  // Its place is kept, so that nothing moves.
  function offerUndo() {
    undo.hidden = false;
    undo.style.visibility = changes.length ? "visible" : "hidden";
  }

  function choose(group, state, isUndone) {
    show(group, state);
    store(group, state, isUndone);
  }

  // What the link of the mail stands for is chosen for the form's button; here a tap stores it.
  groups.forEach((group) => show(group, stored.get(group)));
  send.hidden = true;
  bar.classList.add("resting");
  offerUndo();

  form.addEventListener("change", ({ target }) => {
    const group = target.closest("fieldset[data-paper]");
    const state = chosenIn(group);
    if (state.value === "down" && state.saved) {
      if (target.type === "checkbox") state.value = "none";
      else state.saved = false;
    }
    choose(group, state);
  });

  big?.addEventListener("click", (event) => {
    event.preventDefault();
    // Who taps twice at once means it once, and does not take back what they have just said.
    if (event.timeStamp - tappedAt < doubleTapMs) return;
    tappedAt = event.timeStamp;
    const group = groups.find((each) => each.dataset.paper === big.dataset.paper);
    const state = { ...chosenIn(group) };
    const isSaid = big.getAttribute("aria-pressed") === "true";
    if (big.dataset.vote === "save") {
      state.saved = !isSaid;
      if (state.saved && state.value === "down") state.value = "none";
    } else {
      state.value = isSaid ? "none" : big.dataset.vote;
      if (state.value === "down") state.saved = false;
    }
    choose(group, state);
  });

  undo.addEventListener("click", () => {
    const [group, before] = changes.pop();
    offerUndo();
    choose(group, before, true);
    group.closest("li").focus();
  });

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    const rows = groups.map((group) => group.closest("li"));
    const at = rows.findIndex((row) => row.contains(document.activeElement));
    if (event.key === "j" || event.key === "k") {
      const next = rows[event.key === "j" ? Math.min(at + 1, rows.length - 1) : Math.max(at - 1, 0)];
      next.focus();
      next.scrollIntoView({ block: "center" });
    } else if (event.key === "l" && at >= 0 && !event.repeat) {
      const state = chosenIn(groups[at]);
      choose(groups[at], { ...state, value: state.value === "up" ? "none" : "up" });
    }
  });
})();
