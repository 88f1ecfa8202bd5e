/** The session of this page: had without a token on the machine itself, else by signing in with one. The cookie is out of reach of scripts. */
let begun = null;

const post = (body) => fetch('api/session', { method: 'POST', body: JSON.stringify(body), headers: { accept: 'application/json', 'content-type': 'application/json' } });

/** Whether this page may read, as far as the console says; true when it says nothing. */
export async function mayRead() {
  try {
    const response = await fetch('api/session', { headers: { accept: 'application/json' } });
    return !response.ok || (await response.json()).access !== 'none';
  } catch {
    return true;
  }
}

/** Makes sure of a session where none needs a token. @returns whether a new one was had */
export async function beginSession(anew = false) {
  if (!anew && begun !== null) return begun;
  begun = fetch('api/session', { headers: { accept: 'application/json' } })
    .then((response) => response.json())
    .then(({ local, access }) => (local && (anew || access !== 'write') ? post({}).then((response) => response.ok) : false))
    .catch(() => {
      begun = null;
      return false;
    });
  return begun;
}

/** @returns null when signed in, else why not */
export async function signIn(token) {
  try {
    const response = await post({ token });
    if (response.ok) return null;
    return (await response.json()).detail;
  } catch {
    return 'The console does not answer.';
  }
}
