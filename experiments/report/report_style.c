/* SPDX-License-Identifier: GPL-3.0-or-later
 * report_style: how a page looks, and the few lines that sort its tables.
 *
 * Choice.   Colours of text keep a contrast of at least 4.5 to 1 on what they stand on, in the light and in the dark. In the dark
 *           pictures are inverted and their hues turned back, so blue stays blue. Without scripts nothing is missing but sorting. */
#include "experiments/report/report.h"

static const char style[] =
    ":root{color-scheme:light dark;--ink:#1b1f24;--soft:#555b63;--paper:#ffffff;--panel:#f4f6f8;--line:#d5dae0;"
    "--good:#005a8f;--bad:#a63c00;--link:#005a8f}\n"
    "@media (prefers-color-scheme:dark){:root{--ink:#e8eaed;--soft:#a9b0b8;--paper:#121417;--panel:#1d2126;"
    "--line:#3a4048;--good:#7cc4ef;--bad:#ff9d66;--link:#7cc4ef}.picture svg{filter:invert(1) hue-rotate(180deg)}}\n"
    "*{box-sizing:border-box}\n"
    "body{margin:0 auto;padding:1.5rem 1.25rem 4rem;max-width:72rem;background:var(--paper);color:var(--ink);"
    "font:16px/1.55 system-ui,-apple-system,'Segoe UI','DejaVu Sans',sans-serif}\n"
    "h1{font-size:1.7rem;line-height:1.25;margin:.2rem 0;overflow-wrap:anywhere}h2{font-size:1.3rem;margin:2.4rem 0 "
    ".6rem;"
    "border-bottom:1px solid "
    "var(--line);padding-bottom:.25rem;overflow-wrap:anywhere}h3{font-size:1.05rem;margin:1.6rem 0 "
    ".4rem}\n"
    "p{max-width:46rem}.meta,.note,figcaption,caption{color:var(--soft);font-size:.92rem}.lead{font-size:1.12rem}\n"
    ".found{background:var(--panel);border-left:4px solid var(--good);padding:.3rem 1.1rem;margin:1rem "
    "0;max-width:50rem}\n"
    ".good{color:var(--good)}.bad{color:var(--bad)}.open{color:var(--soft)}a{color:var(--link)}\n"
    "code,pre{font-family:ui-monospace,'DejaVu Sans Mono',Menlo,Consolas,monospace;font-size:.88em}"
    "p,dd,td,th,li{overflow-wrap:anywhere}\n"
    "pre{background:var(--panel);padding:.7rem .9rem;overflow-x:auto;white-space:pre-wrap;overflow-wrap:anywhere}\n"
    "figure{margin:1.6rem 0}.picture{overflow-x:auto}.picture svg{display:block;width:100%;min-width:40rem;height:auto}"
    "figcaption{max-width:46rem;margin-top:.4rem}figcaption b{color:var(--ink)}\n"
    ".wide{overflow-x:auto;margin:1rem 0}table{border-collapse:collapse;width:100%;font-size:.92rem}"
    "caption{text-align:left;padding:.3rem 0}th,td{text-align:left;padding:.28rem .7rem .28rem 0;"
    "border-bottom:1px solid var(--line);vertical-align:top;overflow-wrap:normal}tbody th{font-weight:500}"
    "thead th{border-bottom:2px solid var(--soft);white-space:nowrap;vertical-align:bottom}"
    "td.n{font-variant-numeric:tabular-nums;white-space:nowrap}td code{overflow-wrap:anywhere}\n"
    ".tag{font-size:.8em;color:var(--soft);border:1px solid var(--line);border-radius:.5em;padding:0 .4em;"
    "white-space:nowrap}\n"
    "th button{all:unset;cursor:pointer;font-weight:600}th button:focus-visible{outline:2px solid var(--link)}"
    "th button::after{content:'\\2195';color:var(--soft);padding-left:.25em}"
    "th[aria-sort=ascending] button::after{content:'\\2191';color:var(--ink)}"
    "th[aria-sort=descending] button::after{content:'\\2193';color:var(--ink)}\n"
    "summary{cursor:pointer;margin:1rem 0 .4rem;font-weight:600}dl{display:grid;grid-template-columns:max-content 1fr;"
    "gap:.2rem 1rem}dd{margin:0}dt{color:var(--soft)}nav a{margin-right:1rem;white-space:nowrap}\n"
    "@media (max-width:40rem){body{padding:1rem .8rem "
    "3rem;font-size:15px}dl{grid-template-columns:1fr}dd{margin-bottom:.4rem}}"
    "\n"
    "@media print{:root{--ink:#000;--soft:#444;--paper:#fff;--panel:#fff;--line:#bbb;--good:#005a8f;--bad:#a63c00;"
    "--link:#000}.picture svg{filter:none!important;min-width:0}body{max-width:none;padding:0;font-size:10pt}nav,th "
    "button::after{display:none}figure,tr{break-inside:avoid}h2,h3,caption{break-after:avoid}.found{border:1px solid "
    "#bbb}"
    ".wide,.picture{overflow:visible}table{font-size:8pt}}\n";

/* A header becomes a button; a click sorts by it, another turns the order. Fields without a value stay last. */
static const char script[] =
    "for(const t of document.querySelectorAll('table.sortable')){\n"
    " t.querySelectorAll('thead th').forEach((h,i)=>{\n"
    "  if(h.classList.contains('fixed'))return;\n"
    "  const b=document.createElement('button');b.type='button';b.textContent=h.textContent;h.replaceChildren(b);\n"
    "  b.addEventListener('click',()=>{\n"
    "   const down=h.getAttribute('aria-sort')==='ascending',body=t.tBodies[0];\n"
    "   const key=r=>{const c=r.cells[i];return 'v' in "
    "c.dataset?(c.dataset.v===''?null:+c.dataset.v):c.textContent;};\n"
    "   const rows=[...body.rows];rows.sort((x,y)=>{const a=key(x),b=key(y);\n"
    "    if(a===null||b===null)return (a===null)-(b===null);\n"
    "    const d=typeof a==='number'?a-b:a.localeCompare(b,'en',{numeric:true});return down?-d:d;});\n"
    "   t.querySelectorAll('thead th').forEach(o=>o.removeAttribute('aria-sort'));\n"
    "   h.setAttribute('aria-sort',down?'descending':'ascending');body.append(...rows);\n"
    "  });\n"
    " });\n"
    "}\n";

void report_head(struct report_page *p, const char *title)
{
    fputs("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" "
          "content=\"width=device-width, initial-scale=1\">\n<meta http-equiv=\"Content-Security-Policy\" "
          "content=\"default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'\">\n<title>",
          p->out);
    report_text(p->out, title);
    fprintf(p->out, "</title>\n<style>\n%s</style>\n</head>\n<body>\n", style);
}

void report_script(FILE *out)
{
    fprintf(out, "<script>\n%s</script>\n", script);
}
