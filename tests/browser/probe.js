// What can be seen of a page and not of its text: run at its end, the answer is the page's last element.
(function () {
  "use strict";

  function luminance(color) {
    const parts = color.match(/[\d.]+/g).map(Number);
    const linear = parts.slice(0, 3).map(function (v) {
      v /= 255;
      return v <= 0.04045 ? v / 12.92 : Math.pow((v + 0.055) / 1.055, 2.4);
    });
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2];
  }

  // The ratio of WCAG 2.
  function contrast(a, b) {
    const x = luminance(a), y = luminance(b);
    return (Math.max(x, y) + 0.05) / (Math.min(x, y) + 0.05);
  }

  function behind(element) {
    for (let e = element; e; e = e.parentElement) {
      const color = getComputedStyle(e).backgroundColor;
      if (!/^rgba\(.*, 0\)$/.test(color)) return color;
    }
    return "rgb(255, 255, 255)";
  }

  function ownText(element) {
    return Array.from(element.childNodes).some(function (n) {
      return n.nodeType === 3 && n.nodeValue.trim();
    });
  }

  const faint = [], texts = document.querySelectorAll("body *");
  texts.forEach(function (e) {
    const box = e.getBoundingClientRect(), style = getComputedStyle(e);
    if (!ownText(e) || /^(style|script|title|desc)$/i.test(e.tagName) || box.width === 0) return;
    const color = e instanceof SVGElement ? style.fill : style.color;
    if (!/^rgb/.test(color)) return;
    const ratio = contrast(color, behind(e));
    if (ratio < 4.5) faint.push(ratio.toFixed(1) + ": " + e.textContent.trim().slice(0, 40));
  });
  const figures = Array.from(document.querySelectorAll("svg:not(.key, .shapes)"));
  const answer = {
    title: document.title,
    width: innerWidth,
    content: document.documentElement.scrollWidth,
    ground: luminance(behind(document.body)),
    figures: figures.length,
    empty: figures.filter(function (f) {
      const box = f.getBoundingClientRect();
      return box.width < 20 || box.height < 20;
    }).length,
    texts: texts.length,
    faint: faint,
    loaded: performance.getEntriesByType("resource").map(function (r) { return r.name; }),
  };
  const element = document.createElement("pre");
  element.id = "probe";
  element.textContent = JSON.stringify(answer);
  document.body.appendChild(element);
})();
