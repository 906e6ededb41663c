"""Where each province stands on the board: a grid of tiles, one for each, roughly where it lies.

Tiles and no map: no borders are drawn, so none can be drawn wrongly, and a small province can be read like a large one.
"""

from dataclasses import dataclass

from tuike.doors.console.text import T


@dataclass(frozen=True, slots=True)
class Tile:
    """A province: the first two digits of its code, its short name, its column and row from 1."""

    code: str
    words: T
    column: int
    row: int


_DRAWN = """
23 黑龙江 Heilongjiang 8 1
15 内蒙古 Inner·Mongolia 6 2
22 吉林 Jilin 8 2
65 新疆 Xinjiang 1 3
62 甘肃 Gansu 3 3
64 宁夏 Ningxia 4 3
14 山西 Shanxi 5 3
13 河北 Hebei 6 3
11 北京 Beijing 7 3
21 辽宁 Liaoning 8 3
63 青海 Qinghai 2 4
61 陕西 Shaanxi 4 4
41 河南 Henan 5 4
37 山东 Shandong 6 4
12 天津 Tianjin 7 4
54 西藏 Tibet 1 5
51 四川 Sichuan 3 5
50 重庆 Chongqing 4 5
42 湖北 Hubei 5 5
34 安徽 Anhui 6 5
32 江苏 Jiangsu 7 5
31 上海 Shanghai 8 5
53 云南 Yunnan 3 6
52 贵州 Guizhou 4 6
43 湖南 Hunan 5 6
36 江西 Jiangxi 6 6
33 浙江 Zhejiang 7 6
45 广西 Guangxi 4 7
44 广东 Guangdong 5 7
35 福建 Fujian 6 7
71 台湾 Taiwan 8 7
46 海南 Hainan 4 8
82 澳门 Macao 5 8
81 香港 Hong·Kong 6 8
"""
TILES = tuple(
    Tile(code, T(zh, en.replace("·", " ")), int(column), int(row))
    for code, zh, en, column, row in (line.split() for line in _DRAWN.strip().splitlines())
)
"""The 34 provinces, from the north to the south."""
