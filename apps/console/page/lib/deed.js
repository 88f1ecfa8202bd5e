/**
 * What somebody does by a form: who they are is asked once and remembered, one thing at a time is sent, and what came of it stands in the
 * form's line. `who`: the input of the name; `line`: where the answer goes.
 */
import { rememberedName, rememberName } from './whoami.js';

export function deeds(who, line) {
  let busy = false;
  who.value = rememberedName();

  function answer(text, bad) {
    line.classList.toggle('bad', bad);
    line.textContent = text;
  }

  return {
    answer,
    /** Calls send(name) unless something is being sent; says `done` or why not. @returns whether it was done */
    async act(send, done) {
      if (busy) return false;
      const name = who.value.trim();
      if (name === '') {
        answer('Say who you are first.', true);
        who.focus();
        return false;
      }
      rememberName(name);
      busy = true;
      try {
        await send(name);
        answer(done, false);
        return true;
      } catch (error) {
        answer(error.message, true);
        return false;
      } finally {
        busy = false;
      }
    },
  };
}
