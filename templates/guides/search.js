// Searches the help while the reader types. Pages load this script after the index, when the reader begins to search.
(() => {
  "use strict";

  const SHOWN = 6;
  const EXCERPT = 160; // the maximum number of characters
  const rounded = (score) => Math.round(score * 1e9); // equal scores may differ by a rounding error
  const WORTH = 0.3; // the minimum score of a result, as a fraction of the best score

  const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase().replace(/œ/g, "oe").replace(/æ/g, "ae");
  const split = (text) => plain(text).match(/[a-z]+|[0-9]+/g) ?? [];

  // Returns the number of typing errors between two words. Two swapped letters are one error. If there are more than
  // `most` errors, the result is any number greater than `most`.
  const apart = (a, b, most) => {
    if (Math.abs(a.length - b.length) > most) return most + 1;
    let before = [];
    let row = Array.from({ length: b.length + 1 }, (_, i) => i);
    for (let i = 1; i <= a.length; i++) {
      const next = [i];
      for (let j = 1; j <= b.length; j++) {
        next[j] = Math.min(next[j - 1] + 1, row[j] + 1, row[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1));
        if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) next[j] = Math.min(next[j], before[j - 2] + 1);
      }
      [before, row] = [row, next];
    }
    return row[b.length];
  };

  const FIELDS = [["t", 4], ["k", 5], ["s", 3], ["b", 1]];

  const prepared = (index) => {
    const empty = new Set(split(index.empty));
    // If all words of a query are words that are usually ignored, as in "It was not me", search for them.
    const words = (text) => {
      const all = split(text);
      const telling = all.filter((word) => !empty.has(word));
      return telling.length ? telling : all;
    };
    const same = new Map();
    for (const line of index.same) {
      const group = line.split(",").map(words);
      const all = group.flat();
      for (const word of group.filter((each) => each.length === 1).flat()) same.set(word, new Set([...(same.get(word) ?? []), ...all]));
    }
    const places = index.places.map((place) => ({ ...place, title: words(place.t), weights: new Map() }));
    const occurrences = new Map();
    for (const place of places) {
      for (const [field, weight] of FIELDS) {
        for (const word of split(place[field] ?? "")) place.weights.set(word, Math.max(weight, place.weights.get(word) ?? 0));
      }
      for (const word of place.weights.keys()) occurrences.set(word, (occurrences.get(word) ?? 0) + 1);
    }
    const rare = (word) => Math.log(1 + places.length / occurrences.get(word));
    return { words, same, places, occurrences, rare };
  };

  // Returns the words of the index that a typed word may stand for, each with its probability.
  const meant = (typed, { same, occurrences }) => {
    const sure = new Map();
    const add = (word, how) => sure.set(word, Math.max(how, sure.get(word) ?? 0));
    const near = (word, how) => {
      if (occurrences.has(word)) add(word, how);
      const slips = word.length > 7 ? 2 : word.length > 3 ? 1 : 0;
      for (const each of occurrences.keys()) {
        if (word.length > 2 && each.startsWith(word)) add(each, how * 0.8);
        else if (slips && !/\d/.test(word) && apart(word, each, slips) <= slips) add(each, how * 0.6);
      }
    };
    near(typed, 1);
    for (const [word, others] of same) {
      const how = word === typed ? 0.8 : typed.length > 4 && apart(word, typed, 1) <= 1 ? 0.6 : 0;
      if (how) for (const other of others) if (occurrences.has(other)) add(other, how);
    }
    return sure;
  };

  const find = (query, index) => {
    const typed = index.words(query);
    const meanings = typed.map((word) => meant(word, index));
    // A variant of the typed word must not count more than the word itself, even if the variant is rarer in the index.
    const rarest = typed.map((word) => (index.occurrences.has(word) ? index.rare(word) : Infinity));
    const scored = index.places.map((place, order) => {
      let met = 0;
      let score = 0;
      meanings.forEach((sure, at) => {
        let best = 0;
        for (const [word, how] of sure) {
          best = Math.max(best, how * (place.weights.get(word) ?? 0) * Math.min(index.rare(word), rarest[at]));
        }
        if (best) met += 1;
        score += best;
      });
      const surely = place.title.map((word) => Math.max(...meanings.map((sure) => sure.get(word) ?? 0)));
      const titleMatch = surely.reduce((sum, each) => sum + each ** 2, 0) / surely.length;
      return { place, order, score: score * (met / typed.length) ** 2 * (1 + titleMatch / 4) };
    });
    const best = Math.max(...scored.map((each) => each.score));
    return scored
      .filter((each) => each.score > 0 && each.score >= best * WORTH)
      .sort((a, b) => rounded(b.score) - rounded(a.score) || a.order - b.order)
      .map((each) => each.place)
      .filter((place, at, all) => all.findIndex((each) => each.t === place.t) === at);
  };

  const form = document.querySelector("form.search");
  const input = form.querySelector("input");
  const found = form.querySelector("#found");
  const nothing = form.querySelector("template");
  const results = document.querySelector("#results"); // on the page of results
  const question = new URLSearchParams(location.search).get(input.name) ?? "";
  const index = prepared(window.helpIndex);

  const element = (name, text) => Object.assign(document.createElement(name), { textContent: text });

  // Returns the sentences of a place that a result shows, from the one with most words of the query.
  const excerpt = (place, query) => {
    const typed = index.words(query);
    const sentences = [place.b, place.s].filter(Boolean).join(" ").split(/(?<=[.!?]) /);
    const met = sentences.map((each) => split(each).filter((word) => typed.some((one) => word.startsWith(one))).length);
    const text = sentences.slice(met.indexOf(Math.max(...met))).join(" ");
    return text.length > EXCERPT ? `${text.slice(0, text.lastIndexOf(" ", EXCERPT))} …` : text;
  };

  const list = (places, into, heading, query) => {
    into.replaceChildren(places.length ? element("p", heading) : nothing.content.cloneNode(true));
    const all = document.createElement("ul");
    for (const place of places) {
      const link = element("a", place.t);
      link.href = `${form.dataset.root}/${place.u}`;
      const item = document.createElement("li");
      item.append(link);
      if (query) item.append(element("div", excerpt(place, query)));
      all.append(item);
    }
    if (places.length) into.append(all);
  };

  const show = () => {
    found.replaceChildren();
    if (document.activeElement !== input || input.value === question || !index.words(input.value).length) return;
    list(find(input.value, index).slice(0, SHOWN), found, found.dataset.found);
  };

  const answer = () => {
    const heading = results.dataset.found.replace("{question}", () => question);
    const places = index.words(question).length ? find(question, index) : [];
    list(places, results, heading, question);
    document.title = `${heading} – ${document.title}`;
  };

  input.addEventListener("input", show);
  form.addEventListener("submit", (event) => {
    if (!input.value.trim()) event.preventDefault();
  });
  form.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    input.value = "";
    found.replaceChildren();
  });
  document.addEventListener("focusin", (event) => {
    if (!form.contains(event.target)) found.replaceChildren();
  });
  document.addEventListener("click", (event) => {
    if (!form.contains(event.target)) found.replaceChildren();
  });
  show();
  if (results && question) answer();
})();
