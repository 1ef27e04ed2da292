#!/bin/sh
# Renders the PNG icons from the SVG files; needs rsvg-convert (Debian: librsvg2-bin).
set -eu
cd "$(dirname "$0")"
for size in 32 48 64 128 256 512; do
    rsvg-convert -w "$size" -h "$size" lightkeep.svg -o "lightkeep-$size.png"
done
rsvg-convert -w 16 -h 16 lightkeep-small.svg -o lightkeep-16.png
