#!/bin/sh
# Installs Lightkeep for this user: program, desktop file, AppStream data and icons.
# Usage: packaging/linux/install.sh [--uninstall] [BINARY]     (BINARY: default target/release/lightkeep)
# PREFIX changes where (default ~/.local); no root is needed.
set -eu

id=app.lightkeep.Lightkeep
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
top=$(CDPATH='' cd -- "$here/../.." && pwd)
prefix=${PREFIX:-$HOME/.local}
share=$prefix/share
sizes="16 32 48 64 128 256 512"

# The menu's caches; where the tools are missing, desktops find the files by themselves, only later.
refresh() {
    if command -v update-desktop-database >/dev/null; then
        update-desktop-database -q "$share/applications" || true
    fi
    if command -v gtk-update-icon-cache >/dev/null; then
        gtk-update-icon-cache -q -t "$share/icons/hicolor" 2>/dev/null || true
    fi
}

if [ "${1:-}" = --uninstall ]; then
    rm -f "$prefix/bin/lightkeep" "$share/applications/$id.desktop" "$share/metainfo/$id.metainfo.xml" \
        "$share/icons/hicolor/scalable/apps/$id.svg"
    for size in $sizes; do
        rm -f "$share/icons/hicolor/${size}x$size/apps/$id.png"
    done
    refresh
    echo "Removed Lightkeep from $prefix. Libraries and photos are untouched."
    exit 0
fi

binary=${1:-$top/target/release/lightkeep}
if [ ! -x "$binary" ]; then
    echo "Not built yet: run 'cargo build --release' first, or give the binary: $binary" >&2
    exit 2
fi

mkdir -p "$prefix/bin" "$share/applications" "$share/metainfo" "$share/icons/hicolor/scalable/apps"
install -m 755 "$binary" "$prefix/bin/lightkeep"
install -m 644 "$here/$id.metainfo.xml" "$share/metainfo/$id.metainfo.xml"
install -m 644 "$top/icons/lightkeep.svg" "$share/icons/hicolor/scalable/apps/$id.svg"
for size in $sizes; do
    mkdir -p "$share/icons/hicolor/${size}x$size/apps"
    install -m 644 "$top/icons/lightkeep-$size.png" "$share/icons/hicolor/${size}x$size/apps/$id.png"
done
# A session's PATH may lack ~/.local/bin, so the menu starts the program by its full path. Quoted as the Desktop Entry
# Specification says, and once more for sed.
quoted=$(printf '%s' "$prefix/bin/lightkeep" | sed -e 's/[\\"`$]/\\\\&/g' -e 's/%/%%/g')
escaped=$(printf '%s' "$quoted" | sed -e 's/[\\&|]/\\&/g')
sed -e "s|^Exec=lightkeep|Exec=\"$escaped\"|" "$here/$id.desktop" >"$share/applications/$id.desktop"
chmod 644 "$share/applications/$id.desktop"
refresh

echo "Installed Lightkeep in $prefix; remove it with: $0 --uninstall"
case ":$PATH:" in
*":$prefix/bin:"*) ;;
*) echo "To start it as 'lightkeep' in a terminal, add $prefix/bin to PATH." ;;
esac
