// Small comforts of the help; without this script nothing is lost but the search.
(() => {
  "use strict";

  const form = document.querySelector("form.search");
  const input = form.querySelector("input");
  const question = new URLSearchParams(location.search).get(input.name);

  // The search is heavier than a page: it comes when one begins to search, and on the page of results.
  const load = () => {
    for (const address of [form.dataset.index, form.dataset.script]) {
      const script = document.createElement("script");
      script.src = address;
      script.async = false; // in this order
      document.head.append(script);
    }
  };
  if (question) input.value = question;
  form.hidden = false;
  if (question && document.querySelector("#results")) load();
  else input.addEventListener("focus", load, { once: true });

  // Paper is white: who reads in the dark prints the light pictures.
  addEventListener("beforeprint", () => {
    for (const source of document.querySelectorAll("source[media*=dark]")) source.remove();
  });

  // The other language at the same place, the step one reads included.
  const follow = () => {
    for (const link of document.querySelectorAll("[data-tongue]")) link.hash = location.hash;
  };
  addEventListener("hashchange", follow);
  follow();
})();
