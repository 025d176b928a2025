/** What a browser sees where the page was not built: that the box is there, and where the API is. */
export const PLAIN_PAGE = `<!doctype html>
<html lang="fr">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Passerelle</title>
</head>
<body>
<main>
<h1>Passerelle</h1>
<p>La passerelle fonctionne, mais sa page n'est pas installée dans cette version.</p>
<p lang="en">The gateway works, but its page is not part of this build.</p>
<p><a href="/api/v1/openapi.json">/api/v1/openapi.json</a></p>
</main>
</body>
</html>
`;
