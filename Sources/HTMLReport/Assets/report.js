"use strict";
(() => {
  const tip = document.getElementById("tip");
  const element = (name, className, text) => {
    const made = document.createElement(name);
    if (className) made.className = className;
    if (text !== undefined) made.textContent = text;
    return made;
  };
  const short = (value) => String(Number(value.toPrecision(4))).replace("-", "−");

  const showTip = (x, y, lines) => {
    tip.replaceChildren(...lines);
    tip.hidden = false;
    const box = tip.getBoundingClientRect();
    const left = x + 16 + box.width > innerWidth ? x - box.width - 16 : x + 16;
    tip.style.left = `${Math.max(4, Math.min(left, innerWidth - box.width - 4))}px`;
    tip.style.top = `${Math.max(4, Math.min(y - box.height / 2, innerHeight - box.height - 4))}px`;
  };
  const hideTip = () => { tip.hidden = true; };

  // Curves: the points are those of the drawn paths.
  const points = (path) => [...path.getAttribute("d").matchAll(/[ML](\S+?) ([^MLh]+)/g)].map((m) => [+m[1], +m[2]]);
  const nearest = (list, x) => {
    let low = 0, high = list.length - 1;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (list[middle][0] < x) low = middle; else high = middle;
    }
    return Math.abs(list[low][0] - x) <= Math.abs(list[high][0] - x) ? list[low] : list[high];
  };

  for (const plot of document.querySelectorAll(".plot")) {
    const area = plot.querySelector(".area");
    const svg = area.querySelector("svg");
    const [x0, x1] = plot.dataset.x.split(" ").map(Number);
    const [y0, y1] = plot.dataset.y.split(" ").map(Number);
    const told = (y) => {
      const value = y1 - (y / 1000) * (y1 - y0);
      return plot.dataset.unit === "percent" ? `${(100 * value).toFixed(1)} %` : short(value);
    };
    for (const path of area.querySelectorAll(".line.dotted")) {
      const dots = path.cloneNode();
      dots.setAttribute("d", points(path).map(([x, y]) => `M${x} ${y}h0`).join(""));
      dots.setAttribute("class", "dots");
      svg.append(dots);
    }
    let lines;
    let at = 0.5;
    const guide = element("div", "guide");
    const show = (share, clientY) => {
      lines ??= [...area.querySelectorAll(".line:not(.raw)")].map((path) => ({ path, list: points(path) }));
      const seen = lines.filter(({ path, list }) => list.length && getComputedStyle(path).display !== "none");
      if (!seen.length) return;
      // Where the lines have values: all of them at the place of the nearest one.
      const x = seen.map(({ list }) => nearest(list, share * 1000)[0])
        .reduce((best, next) => Math.abs(next - share * 1000) < Math.abs(best - share * 1000) ? next : best);
      at = x / 1000;
      guide.style.left = `${100 * at}%`;
      area.append(guide);
      const rows = [element("div", "", `${plot.dataset.xTitle} ${short(x0 + at * (x1 - x0))}`)];
      for (const { path, list } of seen) {
        const point = nearest(list, x);
        if (Math.abs(point[0] - x) > 30) continue;
        const row = element("div");
        const chip = element("i");
        chip.style.background = getComputedStyle(path).stroke;
        row.append(element("b", "", told(point[1])), chip, path.dataset.name);
        rows.push(row);
      }
      const box = area.getBoundingClientRect();
      showTip(box.left + at * box.width, clientY ?? box.top + box.height / 2, rows);
    };
    const hide = () => { guide.remove(); hideTip(); };
    area.addEventListener("pointermove", (event) => {
      const box = area.getBoundingClientRect();
      show((event.clientX - box.left) / box.width, event.clientY);
    });
    area.addEventListener("pointerleave", hide);
    area.addEventListener("blur", hide);
    area.addEventListener("focus", () => { if (area.matches(":focus-visible")) show(at); });
    area.addEventListener("keydown", (event) => {
      const step = { ArrowLeft: -0.02, ArrowRight: 0.02 }[event.key];
      if (!step) return;
      event.preventDefault();
      show(Math.max(0, Math.min(1, at + step)));
    });
  }

  // Confusion matrices
  for (const box of document.querySelectorAll(".confusion")) {
    const { names, totals, cells } = JSON.parse(document.getElementById(box.dataset.cells).textContent);
    const counts = new Map();
    for (let i = 0; i < cells.length; i += 3) counts.set(cells[i] * names.length + cells[i + 1], cells[i + 2]);
    const grid = box.querySelector(".cells");
    const svg = grid.querySelector("svg");
    const output = box.querySelector("output");
    const make = (className) => {
      const made = document.createElementNS("http://www.w3.org/2000/svg", "rect");
      made.setAttribute("class", className);
      svg.append(made);
      return made;
    };
    const row = make("cross band"), column = make("cross band"), cell = make("cross");
    const place = (rect, x, y, width, height) => {
      for (const [name, value] of Object.entries({ x, y, width, height })) rect.setAttribute(name, value);
    };
    let at = [0, 0];
    const read = (label, predicted) => {
      at = [label, predicted];
      place(row, 0, label, names.length, 1);
      place(column, predicted, 0, 1, names.length);
      place(cell, predicted, label, 1, 1);
      const count = counts.get(label * names.length + predicted) ?? 0;
      const share = totals[label] ? ` (${(100 * count / totals[label]).toFixed(1)} %)` : "";
      const figure = element("b", "", `${count} of ${totals[label]}${share}`);
      const text = label === predicted
        ? [element("strong", "", names[label]), " recognised"]
        : [element("strong", "", names[label]), " taken for ", element("strong", "", names[predicted])];
      output.replaceChildren(figure, element("br"), ...text);
    };
    const clamp = (number) => Math.max(0, Math.min(names.length - 1, number));
    grid.addEventListener("pointermove", (event) => {
      const area = svg.getBoundingClientRect();
      read(clamp(Math.floor((event.clientY - area.top) / area.height * names.length)),
        clamp(Math.floor((event.clientX - area.left) / area.width * names.length)));
    });
    grid.addEventListener("keydown", (event) => {
      const step = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] }[event.key];
      if (!step) return;
      event.preventDefault();
      read(clamp(at[0] + step[0]), clamp(at[1] + step[1]));
    });
  }

  // Tables
  for (const table of document.querySelectorAll("table.sortable")) {
    const body = table.tBodies[0];
    table.querySelectorAll("thead th").forEach((head, column) => {
      head.querySelector("button").addEventListener("click", () => {
        const rising = head.getAttribute("aria-sort") !== "ascending";
        for (const other of table.querySelectorAll("thead th")) other.setAttribute("aria-sort", "none");
        head.setAttribute("aria-sort", rising ? "ascending" : "descending");
        const key = (row) => row.cells[column].dataset.value ?? row.cells[column].textContent;
        const compare = (a, b) => {
          const [one, other] = [key(a), key(b)];
          const isNumber = row => row !== "" && !Number.isNaN(Number(row));
          return isNumber(one) && isNumber(other) ? one - other : one.localeCompare(other, undefined, { numeric: true });
        };
        body.append(...[...body.rows].sort((a, b) => rising ? compare(a, b) : compare(b, a)));
      });
    });
  }
})();
