"""What is sold in the story: the category tree, and the products of the shops."""

from dataclasses import dataclass

# (key, parent, name, English name, restricted), parents first.
CATEGORIES = (
    ("home", None, "家居生活", "Home", False),
    ("food", None, "食品茶饮", "Food and tea", False),
    ("care", None, "美妆个护", "Beauty and care", False),
    ("drinks", None, "酒水", "Wine and spirits", True),
    ("bed", "home", "床上用品", "Bedding", False),
    ("kitchen", "home", "厨房餐具", "Kitchen", False),
    ("tidy", "home", "收纳清洁", "Storage and cleaning", False),
    ("snack", "food", "零食糕点", "Snacks", False),
    ("leaf", "food", "茶叶", "Tea", False),
    ("face", "care", "面部护理", "Face care", False),
    ("body", "care", "身体护理", "Body care", False),
    ("rice_wine", "drinks", "黄酒米酒", "Rice wine", True),
    ("sheets", "bed", "四件套", "Bed sets", False),
    ("quilt", "bed", "被芯枕芯", "Quilts and pillows", False),
    ("teaware", "kitchen", "茶具", "Teaware", False),
    ("cookware", "kitchen", "锅具餐具", "Cookware", False),
    ("boxes", "tidy", "收纳盒架", "Boxes and racks", False),
    ("nuts", "snack", "坚果炒货", "Nuts", False),
    ("cakes", "snack", "中式糕点", "Chinese cakes", False),
    ("green", "leaf", "绿茶", "Green tea", False),
    ("red", "leaf", "红茶", "Black tea", False),
    ("oolong", "leaf", "乌龙茶", "Oolong", False),
    ("white", "leaf", "白茶", "White tea", False),
    ("mask", "face", "面膜", "Masks", False),
    ("soap", "body", "沐浴香皂", "Soap", False),
)


@dataclass(frozen=True, slots=True)
class Item:
    """A product: its own number in the shop, category, title, and its choices as (spec, fen, stock)."""

    no: str
    category: str
    title: str
    subtitle: str
    skus: tuple[tuple[str, int, int], ...]


def _items(prefix: str, rows: tuple[tuple[str, str, str, str], ...]) -> tuple[Item, ...]:
    """Read a table: category, title, subtitle, choices as `spec=yuan.fen*stock` divided by spaces."""
    return tuple(
        Item(f"{prefix}{seq:02d}", category, title, subtitle, tuple(_sku(text) for text in choices.split()))
        for seq, (category, title, subtitle, choices) in enumerate(rows, start=1)
    )


def _sku(text: str) -> tuple[str, int, int]:
    spec, _, rest = text.partition("=")
    price, _, stock = rest.partition("*")
    yuan, _, fen = price.partition(".")
    return spec, int(yuan) * 100 + int(fen), int(stock)


CAMELLIA = _items(
    "CM",
    (
        ("sheets", "水洗棉四件套 · 山茶白", "裸睡级柔软，1.5 米与 1.8 米床", "1.5米床=199.00*300 1.8米床=239.00*300"),
        ("sheets", "新疆长绒棉四件套 · 雾青", "60 支贡缎，不起球", "1.5米床=329.00*200 1.8米床=369.00*200"),
        ("sheets", "天丝四件套 · 月光灰", "凉感亲肤，夏季款", "1.5米床=399.00*120 1.8米床=449.00*120"),
        ("sheets", "全棉磨毛床笠单件", "加高围边，不跑偏", "1.5米=79.00*400 1.8米=89.00*400"),
        ("quilt", "大豆纤维春秋被", "蓬松透气，可机洗", "150×200=149.00*200 200×230=189.00*200"),
        ("quilt", "桑蚕丝夏凉被", "一级长丝，附检验报告", "150×200=459.00*80 200×230=599.00*80"),
        ("quilt", "白鹅绒冬被 · 95 绒", "850 蓬松度，防钻绒", "200×230=1299.00*40"),
        ("quilt", "荞麦壳枕 · 可调高度", "颈椎友好，枕套可拆", "单只=69.00*500 一对=129.00*300"),
        ("quilt", "乳胶枕 · 高低款", "天然乳胶含量 93%", "单只=159.00*260"),
        ("teaware", "汝窑开片三才盖碗", "120 毫升，手工上釉", "天青=98.00*150 月白=98.00*150"),
        ("teaware", "德化白瓷功夫茶具七件套", "一壶六杯，礼盒装", "礼盒=268.00*90"),
        ("teaware", "紫砂壶 · 西施 200 毫升", "原矿底槽清，附证书", "单壶=388.00*60"),
        ("teaware", "耐热玻璃公道杯", "高硼硅，带滤网", "300毫升=35.90*600 500毫升=45.90*400"),
        ("teaware", "竹制茶盘 · 储水式", "整竹拼接，防霉处理", "43厘米=138.00*100"),
        ("cookware", "铸铁珐琅锅 24 厘米", "炖煮焖烤，明火与电磁炉通用", "樱桃红=359.00*70 墨绿=359.00*70"),
        ("cookware", "章丘手工铁锅 · 无涂层", "三万六千锤，开锅免养", "32厘米=269.00*110 34厘米=299.00*90"),
        ("cookware", "青釉家用碗碟十六件套", "四人食，微波炉可用", "套装=159.00*180"),
        ("cookware", "黑胡桃木砧板", "整木无拼接，双面用", "38×26=128.00*140"),
        ("cookware", "不锈钢调味罐六件组", "密封防潮，配木架", "六件=59.90*320"),
        ("boxes", "藤编收纳篮", "手工编织，三个一组", "三件组=89.00*210"),
        ("boxes", "抽屉分隔收纳盒", "可伸缩，食品级 PP", "六只装=39.90*700"),
        ("boxes", "真空压缩袋 · 手泵款", "换季收纳，省出半个柜子", "八只装=49.90*500"),
        ("boxes", "落地香樟木衣架", "无漆原木，承重 15 公斤", "单杆=168.00*75"),
        ("nuts", "奶香巴旦木 500 克", "当季新果，罐装", "500克=42.90*800"),
        ("nuts", "临安手剥山核桃", "大籽，椒盐味", "250克=39.90*600 500克=75.90*400"),
        ("nuts", "每日坚果 30 包", "六种果仁果干，独立小袋", "30包=89.90*900"),
        ("nuts", "原味腰果仁 · 越南 W240", "轻烘焙，无添加", "500克=59.90*500"),
        ("nuts", "五香瓜子 · 阿尔泰大颗", "慢火煮炒", "1千克=26.90*1000"),
        ("cakes", "苏式鲜花饼", "云南墨红玫瑰，现烤", "十枚=36.80*600"),
        ("cakes", "绿豆冰糕 · 低糖", "冷藏口感更佳", "十二枚=29.90*700"),
        ("cakes", "桂花米糕礼盒", "手工蒸制，短保", "礼盒=58.00*300"),
        ("cakes", "黑芝麻核桃糕", "无蔗糖，独立包装", "400克=32.90*650"),
        ("cakes", "老婆饼 · 潮汕手作", "酥皮冬瓜蓉", "八枚=25.90*500"),
        ("mask", "山茶花补水面膜", "敏感肌可用，0 酒精", "10片=79.00*600 20片=139.00*400"),
        ("mask", "玻尿酸次抛精华面膜", "5 重玻尿酸", "10片=99.00*450"),
        ("mask", "清洁泥膜 · 亚马逊白泥", "两周一次，温和去黑头", "100克=69.00*300"),
        ("mask", "蚕丝眼膜", "60 片装，淡纹紧致", "60片=59.00*380"),
        ("soap", "手工冷制皂 · 山茶油", "熟成 60 天", "单块=28.00*900 三块装=78.00*400"),
        ("soap", "氨基酸沐浴露 · 白茶香", "弱酸性，泵头装", "500毫升=49.00*550"),
        ("soap", "身体磨砂膏 · 海盐", "每周两次，去角质", "250克=45.00*420"),
        ("rice_wine", "绍兴手工花雕 · 八年陈", "本品不参与推广", "500毫升=88.00*200"),
        ("boxes", "赠品环保袋", "加价购，低于推广最低价", "一只=0.90*5000"),
    ),
)

HILLSIDE = _items(
    "HT",
    (
        ("green", "明前龙井 · 狮峰群体种", "手工炒制，当年新茶", "50克=168.00*200 100克=318.00*150"),
        ("green", "碧螺春 · 洞庭东山", "一芽一叶，花果香", "50克=138.00*180 100克=258.00*120"),
        ("green", "信阳毛尖 · 雨前", "栗香浓郁", "100克=98.00*300"),
        ("green", "安吉白茶", "氨基酸高，鲜爽", "100克=158.00*220"),
        ("green", "六安瓜片", "传统拉老火", "100克=128.00*200"),
        ("red", "正山小种 · 桐木关", "松烟香，传统工艺", "100克=118.00*260"),
        ("red", "金骏眉 · 单芽", "蜜香，礼盒", "50克=228.00*100"),
        ("red", "祁门红茶 · 香螺", "祁门香", "100克=88.00*240"),
        ("red", "滇红古树", "凤庆大叶种", "200克=108.00*280"),
        ("oolong", "铁观音 · 清香型", "安溪感德", "250克=99.00*350"),
        ("oolong", "武夷岩茶 · 肉桂", "慧苑坑，中足火", "100克=198.00*120"),
        ("oolong", "凤凰单丛 · 鸭屎香", "高山老丛", "100克=148.00*160"),
        ("oolong", "冻顶乌龙", "中焙火，回甘", "150克=136.00*140"),
        ("oolong", "东方美人", "小绿叶蝉，蜜韵", "75克=268.00*80"),
        ("white", "白毫银针 · 福鼎", "头采单芽", "50克=218.00*90"),
        ("white", "白牡丹", "一芽两叶，毫香", "100克=128.00*180"),
        ("white", "老寿眉饼 · 六年陈", "枣香药香，350 克", "一饼=168.00*130"),
        ("white", "小方片白茶便携装", "5 克 × 20 片", "100克=79.00*400"),
    ),
)

SOUTHERN = _items(
    "NZ",
    (
        ("teaware", "手捏柴烧主人杯", "一窑一色，孤品", "单只=128.00*60"),
        ("teaware", "竹编茶席", "水竹手编，可卷收", "三十厘米=58.00*150 六十厘米=96.00*120"),
        ("boxes", "藤编收纳篮", "印尼玉藤，带棉麻内衬", "小号=69.00*180 大号=99.00*140"),
        ("sheets", "蓝染亚麻桌旗", "植物靛蓝，手工扎染", "一条=138.00*90"),
        ("quilt", "荞麦枕 · 绣球图案", "当年荞麦壳，手工绗缝", "一只=118.00*160"),
        ("cookware", "粗陶砂锅", "耐干烧，明火专用", "1.5升=159.00*80 2.5升=199.00*70"),
        ("cakes", "桂花核桃软糕", "手工现蒸，顺丰冷链", "八枚=39.90*260"),
        ("nuts", "陈皮话梅坚果", "十年新会陈皮", "180克=36.00*400"),
        ("soap", "艾草手工皂", "端午新艾，熟成 45 天", "单块=22.00*500 五块装=98.00*200"),
        ("mask", "丝瓜水面膜", "晨露丝瓜水，无香精", "8片=66.00*220"),
    ),
)

WEIGHTS_G = {
    "sheets": 2_200,
    "quilt": 2_800,
    "teaware": 700,
    "cookware": 3_500,
    "boxes": 1_200,
    "nuts": 500,
    "cakes": 600,
    "mask": 350,
    "soap": 300,
    "rice_wine": 1_000,
}
"""What a piece weighs with its wrapping, by category; 200 g for all others."""

_SHOPS = {"CM": "shop", "HT": "tea", "NZ": "craft"}


def shop_of(no: str) -> str:
    """Return the story's name of the shop that sells a product, by the product's own number."""
    return _SHOPS[no[:2]]
