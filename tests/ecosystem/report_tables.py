"""What the tables of one run say to Python: the same as its JSON.

    report_tables.py compare rows.json rows.csv      each field of each row
    report_tables.py junit rows.xml                  what junitparser reads
"""
import codecs
import csv
import json
import re
import sys


def each_byte(error):
    """As JSON has it: each byte that is no UTF-8 is one U+FFFD."""
    return "\ufffd" * (error.end - error.start), error.end


codecs.register_error("each-byte", each_byte)


def character(match):
    escape = match[0]
    if escape == b"\\\\":
        return b"\\"
    number = int(escape[2:], 16)
    return bytes([number]) if escape[1:2] == b"x" else chr(number).encode()


def unescaped(field):
    escape = rb"\\\\|\\x[0-9a-f]{2}|\\u[0-9a-f]{4}|\\U[0-9a-f]{8}"
    return re.sub(escape, character, field.encode()).decode("utf-8", "each-byte")


def columns_of(row):
    """The columns that a row of JSON is to be in."""
    columns = {}
    parts = {"icmp": ("type", "code"), "tls": ("version", "not_after")}
    for key, value in row.items():
        if key in parts:
            for part in parts[key]:
                columns[f"{key}_{part}"] = (value or {}).get(part)
        elif key == "labels":
            columns.update(value or {})
        elif key != "detail":
            columns[key] = value
    columns["detail"] = row["detail"]
    return columns


def text_of(value):
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def compare(json_name, csv_name):
    with open(json_name, encoding="utf-8") as file:
        lines = file.read().split("\n")[:-1]
    # Numbers as they stand there: 0.120 is no 0.12.
    rows = [json.loads(line, parse_float=str, parse_int=str) for line in lines]
    with open(csv_name, encoding="utf-8", newline="") as file:
        text = file.read()
    reader = csv.DictReader(text.split("\n")[:-1], strict=True)
    table = list(reader)
    assert len(text.split("\n")) == len(rows) + 2, "a row is a line"
    assert len(table) == len(rows), (len(table), len(rows))
    formulas = 0
    for row, fields in zip(rows, table):
        wanted = columns_of(row)
        assert list(fields) == list(wanted), (list(fields), list(wanted))
        for name, value in wanted.items():
            assert unescaped(fields[name]) == text_of(value), (name, fields[name], value)
            formulas += fields[name][:1] in tuple("=+-@\t\r") and isinstance(value, str)
    assert formulas == 0, formulas
    print(f"{len(rows)} rows of {len(wanted)} columns are the same")


def junit(name):
    from junitparser import JUnitXml

    xml = JUnitXml.fromfile(name)
    names = set()
    for suite in xml:
        print(f"{suite.name}: {suite.tests} tests, {suite.failures} failures, "
              f"{suite.errors} errors")
        properties = [f"{p.name}={p.value}" for p in suite.properties()]
        print("properties:", " ".join(properties) or "none")
        cases = list(suite)
        for case in cases:
            assert (case.classname, case.name) not in names, case.name
            names.add((case.classname, case.name))
            for result in case.result:
                kind = type(result).__name__
                message = re.sub(r", [0-9]+ attempts$", "", result.message)
                if case.classname != "netcheck":
                    print(f"{kind} {case.classname} {case.name}: {message}")
        failed = sum(type(r).__name__ == "Failure" for c in cases for r in c.result)
        errors = sum(type(r).__name__ == "Error" for c in cases for r in c.result)
        assert (len(cases), failed, errors) == (suite.tests, suite.failures, suite.errors)


if sys.argv[1] == "compare":
    compare(sys.argv[2], sys.argv[3])
else:
    junit(sys.argv[2])
