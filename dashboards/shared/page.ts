/** Where the page is, as links name it: the PUBLIC_URL of Grafana's own environment in alerts, which provisioning fills in, and what the scheduler was given on dashboards. */
export const PAGE = '$PUBLIC_URL';
export const PAGE_QUERY = 'SELECT url FROM tidewatch.page_address';
