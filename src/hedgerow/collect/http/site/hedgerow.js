/* hedgerow.js 0.2, MIT. No cookie, no storage before consent: a visitor is a random id of this page load. Under Global
Privacy Control or Do Not Track nothing is recorded before hedgerow.consent(true), nothing kept, nobody identified. */
((script, main) => script && (document.prerendering
	? document.addEventListener("prerenderingchange", () => main(script))
	: main(script))
)(document.currentScript, ({ src, dataset: site }) => {
	const { q = [], track: loaded } = window.hedgerow || {};
	if (loaded) return;
	const to = site.to || src.replace(/^(\w+:\/\/[^/]+).*/, "$1");
	const privacy = navigator.globalPrivacyControl || navigator.doNotTrack === "1";
	const random = () => crypto.getRandomValues(new Uint32Array(4)).join("-");
	let decision = privacy ? "" : site.consent, queue = [], sending = [], failures = 0, view = {};
	let id = random(), state, given, timer, link, told;

	const guard = call => (...args) => {
		try {
			return call(...args);
		} catch (e) {
			console.info("hedgerow: " + e.message);
		}
	};
	const store = (area, name, value) => {
		try {
			const held = window[area + "Storage"], key = "hedgerow." + name;
			if (value && !privacy) held[key] = value;
			else if (value !== undefined) delete held[key];
			return privacy ? "" : held[key];
		} catch (e) {} // forbidden, or full
	};
	const settle = () => { // another tab may have
		const now = store("local", "consent") || decision;
		if (now === state) return;
		given = (state = now) === "given";
		id = given ? store("local", "id") || id : random();
	};
	const keep = () => {
		settle();
		store("local", "id", given && id);
		store("session", "link", given && link || "");
		store("session", "queue", given && failures && JSON.stringify(sending.concat(queue)));
	};

	const post = (path, body, keepalive) =>
		fetch(to + path, { method: "POST", body, keepalive, credentials: "omit" });
	const parcel = (count = queue.length) => {
		view.page.title = document.title;
		const body = JSON.stringify({ batch: queue.slice(0, count), writeKey: site.key, sentAt: new Date() });
		const fits = new Blob([body]).size < 6e4;
		return fits || count < 2 ? { body, fits, batch: queue.splice(0, count) } : parcel(count >> 1);
	};
	const later = wait => (timer = timer || setTimeout(send, wait));
	const send = async leaving => {
		timer = clearTimeout(timer);
		if (!queue[0] || (sending[0] && !leaving)) return;
		keep();
		const { body, fits, batch } = parcel();
		if (leaving && !failures && guard(() => navigator.sendBeacon(to + "/v1/batch", body))()) return send(true);
		sending = sending.concat(batch);
		const status = await post("/v1/batch", body, fits).then(answer => answer.status, () => 500);
		sending = [];
		failures = status < 500 && status !== 429 ? 0 : failures + 1;
		if (failures) queue = batch.concat(queue);
		keep();
		if (queue[0]) later(failures && Math.min(6e4, 2 ** failures * 500) * (1 + Math.random()) / 2);
	};
	const record = (type, fields) => {
		settle();
		if (privacy && !given) return;
		const context = Object.assign({ link, consent: given ? "given" : "none" }, view.context);
		const message = { type, messageId: random(), timestamp: new Date(), anonymousId: id, context };
		queue.push(Object.assign(message, JSON.parse(JSON.stringify(fields))));
		queue.length < 20 || failures ? later(300) : send();
		return true;
	};
	const track = (event, properties = {}) => record("track", { event, properties });
	const identify = (userId, traits = {}) => {
		settle();
		if (given && !privacy) record("identify", { userId: userId || undefined, traits });
		else told = told || !console.info("hedgerow: identify needs consent; call hedgerow.consent(true) first.");
	};

	const { pushState, replaceState } = history;
	const begin = () => {
		const tagged = location.search, campaign = {}, clickIds = {};
		const clean = tagged.replace(/[?&]hr=([\w.~-]{4,64})(?=&|$)/g, (all, token) => (link = token, ""));
		if (clean !== tagged)
			replaceState.call(history, history.state, "", location.href.replace(tagged, () => clean.replace(/^&/, "?")));
		const { href: url, pathname: path, search } = location, { page: old = {} } = view;
		new URLSearchParams(search).forEach((value, name) => {
			if (/^utm_/.test(name)) campaign[name === "utm_campaign" ? "name" : name.slice(4)] = value;
			if (/^([gd]clid|[gw]braid|(fb|ms|tt|tw)clk?id|li_fat_id)$/.test(name)) clickIds[name] = value;
		});
		const referrer = (old.url === url ? old.referrer : old.url) || document.referrer;
		const page = { url, path, referrer, title: document.title, search };
		const library = { name: "hedgerow.js", version: "0.2" };
		const context = { page, campaign, clickIds, locale: navigator.language, library };
		view = { page, context, depth: 0, since: document.hidden ? 0 : performance.now() };
	};
	const page = (name, properties = {}) => {
		leave();
		begin();
		view.shown = record("page", { name, properties });
	};
	const arrive = () => site.pages === "off" ? (leave(), begin()) : page();
	const move = () => view.page.path + view.page.search === location.pathname + location.search || arrive();
	const scroll = () => {
		const depth = Math.round((scrollY + innerHeight) / document.documentElement.scrollHeight * 100);
		view.depth = Math.min(100, Math.max(view.depth, depth));
	};
	const leave = () => {
		if (!view.since) return;
		scroll();
		const seconds = Math.round((performance.now() - view.since) / 1000);
		view.since = 0;
		if (view.shown && (seconds || !view.left)) view.left = track("Page Left", { seconds, depth: view.depth });
	};
	const hide = () => {
		leave();
		send(true);
	};

	const click = ({ button, target }) => {
		const marked = target.closest("[data-hedgerow]:not(form)"), sharer = target.closest("[data-hedgerow-share]");
		if (marked && button < 2) {
			const properties = { text: marked.textContent.trim().slice(0, 200), href: (marked.closest("a") || {}).href };
			for (const { name, value } of marked.attributes)
				if (/^data-hedgerow-/.test(name)) properties[name.slice(14)] = value;
			track(marked.dataset.hedgerow || "Clicked", properties);
		}
		if (sharer && !button) pass(sharer, sharer.dataset.hedgerowShare);
	};
	const secret = "[type=password],[type=hidden],[type=file],[autocomplete*=cc- i],[autocomplete*=password i]," +
		"[data-hedgerow-ignore],[data-hedgerow-ignore] *";
	const submit = ({ target: form }) => {
		if (!form.matches("[data-hedgerow]")) return;
		const data = new FormData(form), fields = {}, traits = {};
		for (const field of form.elements) {
			const is = selector => field.matches(selector), { name, value } = field;
			if (is(secret)) data.delete(name);
			else if (is("[type=email]:valid")) traits.email = traits.email || value;
			else if (is("[type=tel]")) traits.phone = value;
			else if (is("[name=name],[autocomplete=name]")) traits.name = value;
		}
		data.forEach((value, name) => (fields[name] = name in fields ? [].concat(fields[name], value) : value));
		const name = form.getAttribute("id") || form.getAttribute("name");
		track(form.dataset.hedgerow || "Form Submitted", { form: name, fields });
		if (traits.email && given) identify(null, traits);
	};

	const share = async ({ channel, content } = {}) => {
		settle();
		const url = location.href, parent = link || null;
		if (privacy && !given) return url;
		const body = JSON.stringify({ writeKey: site.key, url, parent, channel, content, anonymousId: id });
		return post("/v1/links", body).then(answer => answer.json()).then(made => made.url || url).catch(() => url);
	};
	const pass = async (element, channel) => {
		const url = element.dataset.hedgerowLink = await share({ channel });
		try {
			await (channel === "native" && navigator.share ? navigator.share({ url }) : navigator.clipboard.writeText(url));
		} catch (e) {} // forbidden
		element.dispatchEvent(new CustomEvent("hedgerow:shared", { bubbles: true, detail: { url } }));
	};

	const consent = yes => {
		settle();
		const now = yes === true ? "given" : "withdrawn", news = now !== state;
		if (news && now !== "given") track("Consent Withdrawn");
		store("local", "consent", decision = now);
		keep();
		if (!news || !given) return;
		view.shown || arrive();
		track("Consent Given");
	};

	const calls = { track, page, identify, consent, id: () => (settle(), id), share };
	for (const name in calls) calls[name] = guard(calls[name]);
	const replay = guard(([name, ...args]) => calls[name](...args));
	const changed = change => (...args) => {
		change.apply(history, args);
		guard(move)();
	};
	history.pushState = changed(pushState);
	history.replaceState = changed(replaceState);
	Object.entries({
		click, auxclick: click, submit, scroll, popstate: move, pagehide: hide,
		pageshow: e => e.persisted && arrive(),
		visibilitychange: () => document.hidden ? hide() : (view.since = view.since || performance.now())
	}).forEach(([event, call]) => addEventListener(event, guard(call), true));
	guard(() => {
		settle();
		link = given && store("session", "link") || undefined;
		arrive();
		queue.push(...JSON.parse(given && store("session", "queue") || "[]"));
		keep();
		later(300);
	})();
	window.hedgerow = Object.assign(calls, { q });
	q.forEach(replay);
	q.push = replay;
});
