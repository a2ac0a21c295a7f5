/** One script tag: `<script src="https://chat.example.com/duologue.js" async></script>`, and `<duologue-inbox>` is known. */
import { defineInbox } from './inbox-element';

const script = document.currentScript;
defineInbox(script instanceof HTMLScriptElement && script.src !== '' ? new URL(script.src).origin : '');
