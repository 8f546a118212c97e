#!/bin/sh
# The tables and documents of a run before what reads them: sqlite3, Python's csv, cut, awk, jq,
# xmllint and junitparser. Among the rows are lines, answers and names of attackers. Prints what
# the readers say, and for each thing expected "ok" or "not ok".
#
#     report_tables.sh NETCHECK     as root
set -eu

here=$(dirname "$(realpath "$0")")
. "$here/lib.sh"
enter "$@"

# JUnit has no schema of its own. This one has what those of Ant and of Jenkins demand, where
# they disagree both: no attributes of the root, and what Ant calls required.
cat >junit.xsd <<'END'
<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">
<xs:simpleType name="time"><xs:restriction base="xs:dateTime">
  <xs:pattern value="[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}"/>
</xs:restriction></xs:simpleType>
<xs:simpleType name="seconds"><xs:restriction base="xs:decimal">
  <xs:pattern value="[0-9]+\.[0-9]+"/>
</xs:restriction></xs:simpleType>
<xs:simpleType name="name"><xs:restriction base="xs:token"><xs:minLength value="1"/>
</xs:restriction></xs:simpleType>
<xs:complexType name="problem" mixed="true">
  <xs:attribute name="type" type="xs:string" use="required"/>
  <xs:attribute name="message" type="xs:string"/>
</xs:complexType>
<xs:complexType name="property">
  <xs:attribute name="name" type="name" use="required"/>
  <xs:attribute name="value" type="xs:string" use="required"/>
</xs:complexType>
<xs:complexType name="properties"><xs:sequence>
  <xs:element name="property" type="property" minOccurs="0" maxOccurs="unbounded"/>
</xs:sequence></xs:complexType>
<xs:complexType name="case">
  <xs:choice minOccurs="0">
    <xs:element name="error" type="problem"/><xs:element name="failure" type="problem"/>
  </xs:choice>
  <xs:attribute name="name" type="xs:token" use="required"/>
  <xs:attribute name="classname" type="xs:token" use="required"/>
  <xs:attribute name="time" type="seconds" use="required"/>
</xs:complexType>
<xs:complexType name="suite">
  <xs:sequence>
    <xs:element name="properties" type="properties"/>
    <xs:element name="testcase" type="case" minOccurs="0" maxOccurs="unbounded"/>
    <xs:element name="system-out" type="xs:string"/>
    <xs:element name="system-err" type="xs:string"/>
  </xs:sequence>
  <xs:attribute name="name" type="name" use="required"/>
  <xs:attribute name="timestamp" type="time" use="required"/>
  <xs:attribute name="hostname" type="name" use="required"/>
  <xs:attribute name="tests" type="xs:int" use="required"/>
  <xs:attribute name="failures" type="xs:int" use="required"/>
  <xs:attribute name="errors" type="xs:int" use="required"/>
  <xs:attribute name="time" type="seconds" use="required"/>
  <xs:attribute name="package" type="xs:token" use="required"/>
  <xs:attribute name="id" type="xs:int" use="required"/>
</xs:complexType>
<xs:element name="testsuites"><xs:complexType><xs:sequence>
  <xs:element name="testsuite" type="suite" minOccurs="0" maxOccurs="unbounded"/>
</xs:sequence></xs:complexType></xs:element>
</xs:schema>
END

# Who answers: discard, an echo of UDP, what a spreadsheet would run, and TLS.
cat >hostile <<'END'
#!/bin/sh
printf '=cmd|" /C calc"!A0,<b>;+1\001\033[2J\377]]>&\r\n'
sleep 9
END
chmod 755 hostile
cat >inetd.conf <<END
discard stream tcp nowait root internal
smtp stream tcp nowait root $folder/hostile hostile
END
serve 11 inetd -i inetd.conf
serve 12 socat UDP-LISTEN:5300,fork EXEC:cat
certificate plain www.example.com -days 90
serve 13 openssl s_server -accept 443 -quiet -tls1_2 -cert plain.pem -key plain.key
echo "10.90.11.2 db.example.com" >hosts
mount --bind hosts /etc/hosts
"$netcheck" -q --wait 10 -i 50ms 10.90.11.2:9,25 10.90.13.2:443 || echo "# not there"

cat >targets <<'END'
db.example.com:9
!db.example.com:9
10.90.11.2:10
10.90.11.2:9
10.90.11.2:9
10.90.11.2:25
udp://10.90.12.2:5300
udp://10.90.12.2:5301
10.90.99.99:1
END
{
    cat targets
    printf '%s\n' '=HYPERLINK("http://192.0.2.1","x")' '+1+1' '-1' '@SUM(A1)' \
        '<script>alert(1)</script>' '"a","b"' ']]>' "it's & \$(x) \`y\` \\x0a" 'a;=1+1'
    LC_ALL=C awk 'BEGIN { for (i = 1; i < 256; i++) if (i != 10) printf "x%c y %c\n", i, i }'
    printf '\357\277\276 \342\200\256 \000 \303\n'
} >hostile.txt

# FILE ARGUMENT...: all formats of one run
ask() {
    from=$1
    shift
    "$netcheck" -t 1 -q -f "$from" "$@" \
        --format json -o rows.json --format csv -o rows.csv --format junit -o rows.xml || true
}

python() {
    /usr/bin/python3 "$here/report_tables.py" "$@"
}

keys() {
    jq -r 'select(.summary | not) | keys_unsorted | join(" ")' "$1" | sort | uniq -c |
        awk '{ print NF - 1 " keys, " $(NF - 1) " and " $NF " at the end" }'
}

ask hostile.txt --match =nothing --send '=1,"'
shows 'jq: each line is an object, its keys always the same' keys rows.json <<'END'
32 keys, closed_after_ms and labels at the end
END
shows 'Python: the table is what JSON says' python compare rows.json rows.csv <<'END'
273 rows of 33 columns are the same
END
shows 'xmllint: well-formed, and valid by both schemas' \
    xmllint --noout --schema junit.xsd rows.xml <<'END'
rows.xml validates
END
shows 'sqlite3: a table of text' sqlite3 :memory: '.import --csv rows.csv rows' \
    "select count(*), sum(detail = ''), min(time) like '____-__-__T__:__:__.______Z' from rows;" \
    "select state, reason, count(*) from rows where protocol <> '' group by 1, 2;" <<'END'
273|2|1
down|mismatched|2
down|refused|2
down|timeout|4
down|unreachable|1
END

{
    grep -v 5300 targets
    printf '%s\n' icmp://10.90.11.2 tls://10.90.13.2:443 tls://10.90.11.2:25
} >plain.txt
ask plain.txt --label site=paris --label 'note==1,"x"'
shows 'Python: labels are columns' python compare rows.json rows.csv <<'END'
11 rows of 35 columns are the same
END
shows 'cut: the columns before what people are told' cut -d , -f 2,7,10 rows.csv <<'END'
target,state,reason
db.example.com:9,up,connected
db.example.com:9,up,connected
10.90.11.2:10,down,refused
10.90.11.2:9,up,connected
10.90.11.2:9,up,connected
10.90.11.2:25,up,connected
udp://10.90.12.2:5301,down,refused
10.90.99.99:1,down,unreachable
icmp://10.90.11.2,up,replied
tls://10.90.13.2:443,up,replied
tls://10.90.11.2:25,down,mismatched
END
shows 'awk: what is not as expected' awk -F , '$9 == "false" { print $2, $10 }' rows.csv <<'END'
db.example.com:9 connected
10.90.11.2:10 refused
udp://10.90.12.2:5301 refused
10.90.99.99:1 unreachable
tls://10.90.11.2:25 mismatched
END
cat >types.sql <<'END'
create table rows (time text, target text, protocol text, host text, port integer, address text,
    state text, expected text, as_expected text, reason text, error text, icmp_type integer,
    icmp_code integer, reported_by text, resolve_ms real, connect_ms real,
    syn_retransmits integer, attempts integer, canonical text, reply_ms real, sent integer,
    replies integer, reply text, reply_bytes integer, reply_from text, ttl integer,
    syn_proxy text, path_mtu integer, tls_version text, tls_not_after text, held_ms real,
    closed_after_ms real, site text, note text, detail text);
.import --csv --skip 1 rows.csv rows
select typeof(port), typeof(connect_ms), port + 1, site, note from rows where port = 10;
END
shows 'sqlite3: numbers where the table says so' sqlite3 :memory: '.read types.sql' <<'END'
integer|real|11|paris|\x3d1,"x"
END
shows 'junitparser: counts, messages and properties' python junit rows.xml <<'END'
netcheck: 11 tests, 5 failures, 0 errors
properties: site=paris note==1,"x"
Failure netcheck.tcp db.example.com:9 (2): connected (expected down)
Failure netcheck.tcp 10.90.11.2:10: refused
Failure netcheck.udp udp://10.90.12.2:5301: refused
Failure netcheck.tcp 10.90.99.99:1: unreachable: no route from this machine
Failure netcheck.tls tls://10.90.11.2:25: mismatched: not TLS: '=cmd|" /C calc"!A0,<b>;+1\x01\x1b[2J\xff...'
END

"$netcheck" -c 2 -i 0.2 --on-change 10.90.11.2:9 10.90.11.2:10 --format json -o rows.json \
    --format csv -o rows.csv --format junit -o rows.xml >lines 2>&1 || true
shows 'jq: in rounds' keys rows.json <<'END'
37 keys, since and change at the end
END
shows 'Python: in rounds, the last row of each' python compare rows.json rows.csv <<'END'
2 rows of 38 columns are the same
END
: >empty
"$netcheck" --any -f empty 10.90.11.2:9 --only down --format csv -o rows.csv --only down \
    --format junit -o rows.xml >lines 2>&1 || true
shows 'no rows: a table of a header' sh -c 'cut -c 1-20 rows.csv; grep -c testcase rows.xml' <<'END'
time,target,protocol
0
END
shows 'xmllint: no rows' xmllint --noout --schema junit.xsd rows.xml <<'END'
rows.xml validates
END
stop_servers
finish
