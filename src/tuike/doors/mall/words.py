"""What is said while there are no pages to serve."""

from tuike.runtime import mall

WORDS = {
    "zh": {
        "lang": "zh-Hans",
        "title": "商城页面准备中",
        "refresh": "本页会自动刷新。",
        "log": "构建日志",
        "retry": "修复后重新运行即可再次构建。",
        mall.NEVER: "即将开始构建手机页面……",
        mall.INSTALLING: "正在安装依赖，首次需要一两分钟……",
        mall.BUILDING: "正在构建手机页面，约需半分钟……",
        mall.READY: "构建好的文件不见了，重新运行即可恢复。",
        mall.FAILED: "手机页面构建失败。",
        mall.MISSING: "手机页面未构建。",
    },
    "en": {
        "lang": "en",
        "title": "The mall is being prepared",
        "refresh": "This page looks again by itself.",
        "log": "Last lines of the build",
        "retry": "Mend it and run again to build anew.",
        mall.NEVER: "The mall's pages are about to be built …",
        mall.INSTALLING: "Fetching packages. The first time takes a minute or two …",
        mall.BUILDING: "Building the mall's pages. Half a minute or so …",
        mall.READY: "The built files are gone; run again to have them back.",
        mall.FAILED: "The mall's pages could not be built.",
        mall.MISSING: "The mall's pages are not built.",
    },
}
