#!/bin/sh
# Builds regl-scatterplot.js, the library that draws the points, from npm: one file that any page can load.
# It begins with the licences of what went into it. Run it again to move to other versions.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
cat > package.json <<'JSON'
{
  "private": true,
  "dependencies": {
    "@flekschas/utils": "0.33.0",
    "camera-2d-simple": "3.0.0",
    "dom-2d-camera": "2.2.6",
    "earcut": "3.0.2",
    "esbuild": "0.28.2",
    "gl-matrix": "3.4.4",
    "pub-sub-es": "3.0.0",
    "regl": "2.1.1",
    "regl-line": "1.1.1",
    "regl-scatterplot": "1.16.0"
  }
}
JSON
npm install --silent --no-audit --no-fund
node node_modules/esbuild/install.js
echo 'export { default } from "regl-scatterplot"' > entry.js
{
  echo "/*"
  for each in regl-scatterplot regl pub-sub-es regl-line dom-2d-camera camera-2d-simple gl-matrix earcut @flekschas/utils
  do
    version=$(node -p "require('./node_modules/$each/package.json').version")
    printf '%s %s\n\n' "$each" "$version"
    cat "node_modules/$each"/LICENSE*
    printf '\n%s\n\n' "--"
  done
  echo "*/"
} > licences.txt
node_modules/.bin/esbuild entry.js --bundle --minify --format=iife --global-name=ReglScatterplot \
  --legal-comments=none --charset=utf8 --outfile=bundle.js --log-level=warning
cat licences.txt bundle.js > "$here/regl-scatterplot.js"
wc -c "$here/regl-scatterplot.js"
