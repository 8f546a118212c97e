#!/bin/sh
# Whether the code has the shape that README.md says it has, under "Modules": each module is in
# the map, with the purpose that its file comment begins with, and includes only what its layer
# is on.
#
#     layers.sh        at the top of the repository
set -u

find include src -name '*.[ch]' | sort | xargs awk '
function complain(text) {
    print "layers: " text | "cat >&2"
    failed = 1
}

# include/netcheck/X.h, src/X.h, src/X.c and src/X/X.c are module X; src/Y/X.c is Y/X.
function module_of(file,    parts, count) {
    sub(/\.[ch]$/, "", file)
    sub(/^(include\/netcheck|src)\//, "", file)
    count = split(file, parts, "/")
    return count == 2 && parts[1] == parts[2] ? parts[1] : file
}

# A layer: "    NAME: PURPOSE; on LAYER..."
function read_layer(line,    text) {
    text = line
    sub(/^ +/, "", text)
    layer = text
    sub(/:.*/, "", layer)
    layers[++layer_count] = layer
    depth[layer] = layer_count
    on[layer] = text ~ /; on / ? " " text " " : ""
    sub(/^.*; on /, " ", on[layer])
}

# A module of it: "      NAME  PURPOSE"
function read_module(line,    text, name) {
    text = line
    sub(/^ +/, "", text)
    name = text
    sub(/ .*/, "", name)
    sub(/^[^ ]+ */, "", text)
    if (name in layer_of)
        complain("README.md: " name " stands in the map twice")
    layer_of[name] = layer
    said[name] = text
}

# " * NAME: PURPOSE." with a space or nothing behind the full stop.
function read_purpose(module, line,    name, text) {
    name = module
    sub(/.*\//, "", name)
    text = line
    if (index(text, " * " name ": ") != 1 || text !~ /\.( |$)/)
        return
    sub(/^ \* [^ ]+: /, "", text)
    match(text, /\.( |$)/)
    purpose[module] = substr(text, 1, RSTART - 1)
}

# "FILE HEADER MODULE" of each include of a header of ours.
function read_include(line,    header) {
    header = line
    sub(/^[^"]*"/, "", header)
    sub(/".*/, "", header)
    name = header
    sub(/^.*\//, "", name)
    includes[++include_count] = FILENAME " " header " " module_of(name)
}

FILENAME == "README.md" {
    if (/^#/)
        in_map = /^### Modules$/
    else if (in_map && /^    [^ ]/)
        read_layer($0)
    else if (in_map && /^      [^ ]/)
        read_module($0)
    next
}
FNR == 1 {
    module = module_of(FILENAME)
    if (FILENAME ~ /\.h$/ || !(module in home))
        home[module] = FILENAME
    if (FILENAME ~ /^src\/.*\.h$/)
        is_private[module] = 1
}
FNR == 2 && FILENAME == home[module] { read_purpose(module, $0) }
/^[ \t]*#[ \t]*include[ \t]*"/ { read_include($0) }

function check_layers(    i, j, count, below) {
    for (i = 1; i <= layer_count; i++) {
        count = split(on[layers[i]], below, " ")
        for (j = 1; j <= count; j++)
            if (on[layers[i]] !~ /^ all / && !(depth[below[j]] > i))
                complain("README.md: " layers[i] " is on " below[j] ", which is no layer below")
    }
}

function check_map(    name) {
    for (name in home)
        if (!(name in layer_of))
            complain(home[name] ": " name " is not in the map of README.md")
    for (name in layer_of)
        if (!(name in home))
            complain("README.md: " name " is in the map, and there is no such file")
        else if (!(name in purpose))
            complain(home[name] ": the second line is not \" * " name ": PURPOSE.\"")
        else if (length(purpose[name]) > 75)
            complain(home[name] ": a purpose has at most 75 characters")
        else if (purpose[name] != said[name])
            complain(home[name] ": " name " is \"" purpose[name] "\", in the map of README.md \"" \
                said[name] "\"")
}

function check_folders(    name, folder) {
    for (name in layer_of) {
        folder = name
        if (!sub(/\/.*/, "", folder))
            continue
        if (!(folder in folder_layer))
            folder_layer[folder] = layer_of[name]
        else if (folder_layer[folder] != layer_of[name])
            complain("src/" folder "/ belongs to two layers: " folder_layer[folder] ", " \
                layer_of[name])
    }
}

function check_include(file, header, to,    from, upper, lower, what) {
    from = module_of(file)
    if (!(from in layer_of) || from == to)
        return
    upper = layer_of[from]
    what = file " (" upper ") includes " header
    if (!(to in layer_of)) {
        complain(what ", which is not in the map")
        return
    }
    lower = layer_of[to]
    what = what " (" lower ")"
    if (upper == lower && !(to in is_private))
        edges[from " " to] = 1
    else if (upper == lower)
        return
    else if (depth[lower] < depth[upper])
        complain(what ": layers point down")
    else if (on[upper] !~ /^ all / && index(on[upper], " " lower " ") == 0)
        complain(what ": " upper " is not on " lower)
    else if (to in is_private)
        complain(what ": a header in src/ is private to its layer")
}

# Take away who includes nobody and who is included by nobody, until only cycles are left. What
# private headers bring in does not count: modules that share one are one thing in several files.
function check_cycles(    edge, ends, changed, left) {
    do {
        split("", outgoing)
        split("", incoming)
        for (edge in edges) {
            split(edge, ends, " ")
            outgoing[ends[1]] = incoming[ends[2]] = 1
        }
        changed = 0
        for (edge in edges) {
            split(edge, ends, " ")
            if (!(ends[2] in outgoing) || !(ends[1] in incoming)) {
                delete edges[edge]
                changed = 1
            }
        }
    } while (changed)
    for (edge in edges) {
        sub(/ /, " -> ", edge)
        left = left "  " edge
    }
    if (left != "")
        complain("modules include each other:" left)
}

END {
    if (layer_count == 0) {
        complain("README.md has no map under \"### Modules\"")
        exit failed
    }
    check_layers()
    check_map()
    check_folders()
    for (i = 1; i <= include_count; i++) {
        split(includes[i], parts, " ")
        check_include(parts[1], parts[2], parts[3])
    }
    check_cycles()
    exit failed
}' README.md
