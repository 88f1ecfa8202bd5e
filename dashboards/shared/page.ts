/** Where the page is, as links in alerts name it: an alert has no variables. Put your own address here and run npm run dashboards. */
export const PAGE = 'http://127.0.0.1:7400';
