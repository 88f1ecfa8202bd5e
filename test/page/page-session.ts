/** The cookie that the page of a console on loopback is given. */
export async function pageSession(url: string): Promise<string> {
  const answer = await fetch(`${url}/api/session`, { method: 'POST', headers: { 'content-type': 'application/json', origin: new URL(url).origin }, body: '{}' });
  const [cookie] = (answer.headers.get('set-cookie') ?? '').split(';');
  if (answer.status !== 200 || cookie === undefined || cookie === '') throw new Error(`expected a session, found ${answer.status} ${await answer.text()}`);
  return cookie;
}
