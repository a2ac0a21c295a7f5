import { browser } from '@duologue/client';
import { createElement } from 'react';
import { createRoot, type Root } from 'react-dom/client';
import { memoryLocation } from 'wouter/memory-location';
import { pathOf } from '../address';
import { en } from '../i18n/en';
import { isLocale, pickLocale } from '../i18n/locales';
import { GateKeeper, type GetToken } from '../session/gate';
import { createWhoIs } from '../session/who-is';
import { createDevice } from '../settings/device';
import { type AttributeTokens, createAttributeTokens } from './attribute-tokens';
import { EmbeddedInbox } from './embedded-inbox';
import { styleSheet } from './styles';

const TAG = 'duologue-inbox';

/** Registers `<duologue-inbox>`. `origin`: of the server, where an element names none. Again is nothing. */
export function defineInbox(origin: string): void {
  if (customElements.get(TAG) === undefined) customElements.define(TAG, inboxClass(origin));
}

function inboxClass(origin: string): CustomElementConstructor {
  return class extends DuologueInbox {
    constructor() {
      super(origin);
    }
  };
}

/**
 * Inbox and conversation for another site's page. Attributes: `server`, `token`, `user` (whose conversation to open), `theme`
 * (light, dark), `locale`. Property `getToken({refresh})`: a promise of a token, asked whenever one is needed. Events: `duologue-unread` with
 * `detail.count`, `duologue-error` with `detail.code` and `detail.message`.
 */
export class DuologueInbox extends HTMLElement {
  static readonly observedAttributes: readonly string[] = ['server', 'token', 'user', 'theme', 'locale'];
  readonly #origin: string;
  readonly #device = createDevice(null, navigator.languages);
  readonly #location = memoryLocation({ path: '/' });
  readonly #tokens: AttributeTokens = createAttributeTokens(() => ({
    getToken: this.#getToken,
    token: this.getAttribute('token'),
  }));
  #getToken: GetToken | null = null;
  #root: Root | null = null;
  #keeper: GateKeeper | null = null;

  constructor(origin: string) {
    super();
    this.#origin = origin;
    const shadow = this.attachShadow({ mode: 'open' });
    shadow.adoptedStyleSheets = [styleSheet()];
  }

  get getToken(): GetToken | null {
    return this.#getToken;
  }
  set getToken(getToken: GetToken | null) {
    this.#getToken = getToken;
    this.#tokens.changed();
  }

  connectedCallback(): void {
    this.#takeOwnGetToken();
    this.#followLocale();
    this.#openUser();
    this.#begin();
  }

  disconnectedCallback(): void {
    this.#root?.unmount();
    this.#root = null;
    this.#keeper?.stop();
    this.#keeper = null;
  }

  attributeChangedCallback(name: string): void {
    if (name === 'locale') this.#followLocale();
    if (!this.isConnected || this.#root === null) return;
    if (name === 'token') this.#tokens.changed();
    if (name === 'user') this.#openUser();
    if (name === 'server') {
      this.disconnectedCallback();
      this.#begin();
    }
  }

  /** The script may come after the site's own: what that has set before stands on the element itself, and hides the accessor. */
  #takeOwnGetToken(): void {
    if (!Object.hasOwn(this, 'getToken')) return;
    const { getToken } = this;
    Reflect.deleteProperty(this, 'getToken');
    this.getToken = getToken;
  }

  #begin(): void {
    const url = this.getAttribute('server') ?? this.#origin;
    const platform = browser();
    this.#keeper = new GateKeeper({
      session: null,
      hasFirstToken: true,
      after: platform.timers.after,
      whoIs: createWhoIs(url, platform),
      loadConfig: () => Promise.resolve({ accounts: false, origins: [], version: '' }),
      platformTokens: () => this.#tokens,
    });
    this.#root = createRoot(this.shadowRoot ?? this);
    this.#root.render(
      createElement(EmbeddedInbox, {
        url,
        keeper: this.#keeper,
        device: this.#device,
        // All languages are in this script: it goes over to the wanted one before it paints.
        words: { code: 'en', text: en },
        location: this.#location,
        onUnread: (count) => this.#tell('duologue-unread', { count }),
        onError: (code, message) => this.#tell('duologue-error', { code, message }),
      }),
    );
    this.#keeper.start();
  }

  #openUser(): void {
    const user = this.getAttribute('user');
    if (user !== null && user !== '') this.#location.navigate(pathOf(user));
  }

  #followLocale(): void {
    const wanted = this.getAttribute('locale') ?? '';
    this.#device.change({ locale: isLocale(wanted) ? wanted : pickLocale([wanted, ...navigator.languages]) });
  }

  #tell(name: string, detail: object): void {
    this.dispatchEvent(new CustomEvent(name, { detail, bubbles: true, composed: true }));
  }
}
