// Looks again, every second and a half, at the part of a page that changes while work goes on.

const EVERY_MS = 1500;
const part = document.querySelector("[data-watch]");

async function look() {
  try {
    const answer = await fetch(part.dataset.watch, { headers: { Accept: "text/html" } });
    if (answer.redirected || !answer.ok) return location.reload();
    part.innerHTML = await answer.text();
  } catch {
    // The line was down for a moment; the next look is soon enough.
  }
  if (part.querySelector("[data-going]")) setTimeout(look, EVERY_MS);
  else document.querySelectorAll("[data-while-going]").forEach((form) => form.remove());
}

setTimeout(look, EVERY_MS);
