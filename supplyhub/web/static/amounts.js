// Adds packs and units up aloud while they are typed; the server does the sum in any case.

const say = new Intl.NumberFormat(document.documentElement.lang);
const inChinese = document.documentElement.lang.startsWith("zh");

function chosen(amount) {
  if (amount.dataset.pack) return amount.dataset;
  const line = amount.closest("[data-line]");
  const option = line?.querySelector("option[data-pack]:checked");
  return option ? option.dataset : null;
}

function whole(input) {
  const text = input.value.trim();
  return /^\d{1,15}$/.test(text) ? BigInt(text) : text === "" ? 0n : null;
}

function addUp(amount) {
  const [packs, units] = [...amount.querySelectorAll("input")].map(whole);
  const item = chosen(amount);
  const out = amount.querySelector("[data-sum]");
  if (!item || packs === null || units === null || packs + units === 0n) {
    out.textContent = "";
    return;
  }
  const size = BigInt(item.pack);
  const all = packs * size + units;
  const loose = all % size;
  const inPacks = inChinese ? `${say.format(all / size)} 包` : `${say.format(all / size)} packs`;
  out.textContent = `= ${say.format(all)} ${item.unit}` + (size > 1n ? ` · ${inPacks}${loose ? ` + ${say.format(loose)}` : ""}` : "");
}

function refresh(event) {
  const scope = event.target.closest("[data-line]") ?? event.target.closest("[data-amount]");
  scope?.querySelectorAll("[data-amount]").forEach(addUp);
  if (scope?.matches("[data-amount]")) addUp(scope);
}

document.addEventListener("input", refresh);
document.addEventListener("change", refresh);
document.querySelectorAll("[data-amount]").forEach(addUp);
