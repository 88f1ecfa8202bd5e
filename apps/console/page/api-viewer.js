/** Begins the viewer of the API's document. In a file of its own: no script runs inline. */
window.ui = window.SwaggerUIBundle({ url: 'openapi.json', dom_id: '#swagger-ui', deepLinking: true, validatorUrl: null });
