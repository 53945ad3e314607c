"use strict";
// Checks the offline code of a certificate without any network. The form of the message stands in docs/offline-credential.md;
// chuding/paper/credential.py is the same in Python. No library: WebCrypto, and as much CBOR as the message has.
(() => {
  const ISSUERS = JSON.parse(document.getElementById("issuers").textContent);
  const LEVELS = ["员级", "助理级", "中级"];
  const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  const HALF_ORDER = 0x7fffffff800000007fffffffffffffffde737d56d38bcf4279dce5617e3192a8n;
  const DAY = 86400000;

  class Refused extends Error {}
  const need = (holds, sentence) => { if (!holds) throw new Refused(sentence); };

  const fromBase32 = (text) => {
    const out = [];
    let bits = 0, value = 0;
    for (const letter of text) {
      value = (value << 5) | ALPHABET.indexOf(letter);
      bits += 5;
      if (bits >= 8) { bits -= 8; out.push((value >> bits) & 255); }
      value &= (1 << bits) - 1;
    }
    need(value === 0 && bits < 5, "凭证码不完整，请把码的内容全部粘贴进来。");
    return Uint8Array.from(out);
  };
  const fromBase64 = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (one) => one.charCodeAt(0));
  const hex = (bytes) => Array.from(bytes, (one) => one.toString(16).padStart(2, "0")).join("");
  const utf8 = (text) => new TextEncoder().encode(text);
  const join = (...parts) => Uint8Array.from(parts.flatMap((part) => [...part]));

  // CBOR (RFC 8949), the deterministic encoding only: shortest heads, keys in order, nothing left over.
  const decode = (bytes) => {
    let at = 0;
    const take = (count) => {
      need(at + count <= bytes.length, "凭证内容不完整。");
      return bytes.subarray(at, (at += count));
    };
    const read = (depth) => {
      need(depth < 8, "凭证内容不是本平台的写法。");
      const [head] = take(1), kind = head >> 5, low = head & 31;
      if (kind === 7) { need(low === 20 || low === 21, "凭证内容不是本平台的写法。"); return low === 21; }
      need(low < 28, "凭证内容不是本平台的写法。");
      let size = low;
      if (low >= 24) {
        const width = 1 << (low - 24);
        size = Number(take(width).reduce((sum, one) => sum * 256n + BigInt(one), 0n));
        need(Number.isSafeInteger(size) && size >= (width === 1 ? 24 : 2 ** (4 * width)), "凭证内容不是本平台的写法。");
      }
      if (kind === 0) return size;
      if (kind === 1) return -1 - size;
      if (kind === 2) return take(size).slice();
      if (kind === 3) return new TextDecoder("utf-8", {fatal: true}).decode(take(size));
      if (kind === 6) return {tag: size, value: read(depth + 1)};
      need(size <= bytes.length, "凭证内容不完整。");
      if (kind === 4) return Array.from({length: size}, () => read(depth + 1));
      const map = new Map();
      let before = "";
      for (let place = 0; place < size; place += 1) {
        const start = at, key = read(depth + 1), code = hex(bytes.subarray(start, at));
        // Canonical CBOR orders keys by length first; our keys are small numbers, for which both orders agree.
        need(place === 0 || code.length > before.length || (code.length === before.length && code > before), "凭证内容不是本平台的写法。");
        before = code;
        map.set(key, read(depth + 1));
      }
      return map;
    };
    const value = read(0);
    need(at === bytes.length, "凭证内容后面有多余的数据。");
    return value;
  };
  const head = (kind, size) => size < 24 ? [(kind << 5) | size] : size < 256 ? [(kind << 5) | 24, size] : [(kind << 5) | 25, size >> 8, size & 255];

  // COSE_Sign1 with ES256 (RFC 9052): the payload, if one of the issuers whom this page knows signed it.
  const open = async (bytes) => {
    const outer = decode(bytes);
    need(outer.tag === 18 && Array.isArray(outer.value) && outer.value.length === 4, "这不是离线凭证码。");
    const [guarded, loose, payload, signature] = outer.value;
    need([guarded, payload, signature].every((part) => part instanceof Uint8Array) && loose instanceof Map && loose.size === 0, "凭证内容不是本平台的写法。");
    const header = decode(guarded);
    need(header instanceof Map && header.size === 2 && header.get(1) === -7 && header.get(4) instanceof Uint8Array, "凭证内容不是本平台的写法。");
    need(signature.length === 64 && BigInt("0x" + hex(signature.subarray(32))) <= HALF_ORDER, "凭证内容不是本平台的写法。");
    need(payload.length < 65536, "凭证内容太长。");
    const issuer = ISSUERS.find((one) => one.key === hex(header.get(4)));
    need(issuer, "不是由本页认识的发证机关签发的。");
    const key = await crypto.subtle.importKey("spki", fromBase64(issuer.public), {name: "ECDSA", namedCurve: "P-256"}, false, ["verify"]);
    const signed = join(head(4, 4), head(3, 10), utf8("Signature1"), head(2, guarded.length), guarded, head(2, 0), head(2, payload.length), payload);
    need(await crypto.subtle.verify({name: "ECDSA", hash: "SHA-256"}, key, signature, signed), "签名与内容不符，内容被改动过或者是伪造的。");
    return {issuer, values: decode(payload)};
  };

  const kinds = {0: "number", 1: "string", 2: "string", 3: "number", 4: "string", 5: "string", 6: "number", 7: "number", 8: "string", 10: "string", 11: "boolean", 12: "number"};
  const readCode = async (text) => {
    const code = text.replace(/\s+/g, "").toUpperCase().replace(/^HTTPS?:\/\/[A-Z0-9.:-]+\/V\//, "");
    need(/^[A-Z2-7]{100,4096}$/.test(code), "这不是离线凭证码。请扫描证书右边的码，把内容全部粘贴进来。");
    const {issuer, values} = await open(fromBase32(code));
    need(values instanceof Map && values.size === (values.has(12) ? 13 : 12) && values.get(0) === 1, "这不是离线凭证码。");
    need(Object.entries(kinds).every(([key, kind]) => (key === "12" && !values.has(12)) || typeof values.get(Number(key)) === kind), "凭证内容不是本平台的写法。");
    need(values.get(9) instanceof Uint8Array && values.get(9).length === 8 && LEVELS[values.get(3) - 1], "凭证内容不是本平台的写法。");
    need(!values.has(12) || values.get(12) > values.get(7), "凭证内容不是本平台的写法。");
    // Days are calendar days in China, UTC+8. The day of issue stands only where it is later than the approval.
    const issued = values.get(12) ?? values.get(7), start = issued * DAY - 8 * 3600000;
    need(start + DAY > issuer.from && start <= issuer.until, "发证当天签名证书不在有效期内。");
    need(values.get(11) === issuer.sample, "样张标记与签名证书不符。");
    need(Math.max(values.get(6), issued) * DAY <= Date.now() + 8 * 3600000 + 300000, "发证日期晚于今天（请检查这台设备的日期）。");
    return {issuer, values};
  };

  const sha256 = async (text) => new Uint8Array(await crypto.subtle.digest("SHA-256", utf8(text)));
  const readStatus = async (file, values) => {
    let content;
    try { content = JSON.parse(file); } catch { content = null; }
    need(content && content.format === "chuding-status-1" && Array.isArray(content.lists), "这不是状态表文件（status.json）。");
    for (const one of content.lists) {
      const list = (await open(fromBase64(one))).values;
      need(list instanceof Map && (list.size === 5 || (list.size === 6 && list.get(5) instanceof Map)) && list.get(0) === 2 && list.get(4) instanceof Uint8Array, "这不是状态表文件（status.json）。");
      if (list.get(1) !== values.get(1)) continue;
      const wanted = hex((await sha256("chuding-status\n" + values.get(10))).subarray(0, 8));
      const made = new Date(list.get(2) * 1000);
      for (let at = 0; at + 8 <= list.get(4).length; at += 8) {
        if (hex(list.get(4).subarray(at, at + 8)) === wanted) return {made, revoked: true, successor: list.get(5)?.get(wanted)};
      }
      need(list.get(3) * 1000 >= Date.now(), "状态表已过期，不知道现在是否已撤销；请下载新的状态表。");
      return {made, revoked: false};
    }
    throw new Refused("状态表里没有这个发证机关。");
  };
  const holderTag = async (name, number, values) => {
    const secret = name.trim().normalize("NFC") + "\n" + number.normalize("NFKC").trim().toUpperCase();
    const key = await crypto.subtle.importKey("raw", utf8(secret), "PBKDF2", false, ["deriveBits"]);
    const salt = utf8(values.get(2) + "\n" + values.get(10));
    return hex(new Uint8Array(await crypto.subtle.deriveBits({name: "PBKDF2", hash: "SHA-256", salt, iterations: 20000}, key, 64)));
  };

  const day = (number) => { const at = new Date(number * DAY); return `${at.getUTCFullYear()}年${at.getUTCMonth() + 1}月${at.getUTCDate()}日`; };
  const field = (name) => document.getElementById(name);
  const show = (tone, title, sentences, rows) => {
    const out = field("answer");
    out.replaceChildren();
    out.className = tone;
    const heading = document.createElement("h2");
    heading.textContent = title;
    out.append(heading);
    for (const sentence of sentences) {
      const line = document.createElement("p");
      line.textContent = sentence;
      out.append(line);
    }
    const list = document.createElement("dl");
    for (const [name, value] of rows) {
      const term = document.createElement("dt"), text = document.createElement("dd");
      term.textContent = name;
      text.textContent = value;
      list.append(term, text);
    }
    out.append(list);
    out.hidden = false;
    out.focus();
  };

  const check = async () => {
    const {issuer, values} = await readCode(field("code").value);
    const sentences = [`由“${issuer.name}”签名，内容没有改动。`];
    let tone = "good", title = "签名有效";
    const file = field("status").files[0];
    if (file) {
      const {made, revoked, successor} = await readStatus(await file.text(), values);
      sentences.push(successor ? `这张证书已换发，不再有效。新证书编号是${successor}。` : revoked ? "这张证书已被撤销，不再有效。" : `截至${made.toLocaleString("zh-CN")}没有撤销。`);
      if (revoked) { tone = "bad"; title = successor ? "已换发" : "已撤销"; } else title = "有效";
    } else sentences.push("没有选择状态表：不知道现在是否已撤销。");
    if (field("name").value || field("number").value) {
      const same = await holderTag(field("name").value, field("number").value, values) === hex(values.get(9));
      sentences.push(same ? "姓名和证件号码与证书相符。" : "姓名或证件号码与证书不符。");
      if (!same) { title = tone === "bad" ? title : "人证不符"; tone = "bad"; }
    }
    if (values.get(11)) sentences.push("样张：这是演示数据，没有任何效力。");
    show(tone, title, sentences, [
      ["持证人", values.get(8)], ["资格", `${values.get(4)}（${LEVELS[values.get(3) - 1]}）`], ["专业", values.get(5)], ["取得时间", day(values.get(6))],
      ["批准日期", day(values.get(7))], ["发证机关", values.get(1)], ["证书编号", values.get(2)], ["联网核验", values.get(10)],
    ]);
  };
  field("form").addEventListener("submit", (event) => {
    event.preventDefault();
    check().catch((problem) => show("bad", "不能确认", [problem instanceof Refused ? problem.message : "凭证内容损坏，无法核验。"], []));
  });
})();
