"""Words that tell where a description concludes, what it cites, and what it says of whom or what.

Of the two languages alone, from general use; they name no emotion.
"""

# Open a conclusion: what follows in the sentence, and the sentences after it, say what was felt.
CONCLUSIONS = (
    "infer inferred infers inferring speculate speculated deduce deduced conclude concluded guess "
    "guessed judge judged therefore thus hence overall".split()
    + ["in summary", "in conclusion", "to sum up", "all in all", "taken together"]
    + "推断 推斷 推测 推測 推知 判断 判斷 猜测 猜測 因此 所以 综上 綜上 总之 總之".split()
    + "总的来说 總的來說 由此可见 由此可見 可以看出 可见 可見".split()
)

# Hold one of those and are a noun, behind what is concluded: 支持了她难过的推断.
INFERENCES = tuple(
    head + noun
    for head in "的 这种 這種 这一 這一 上述 该 該".split()
    for noun in "推断 推斷 推测 推測 判断 判斷 猜测 猜測".split()
)

# A conclusion behind them in the clause is none: 无法判断. They turn emotion words like negators.
CANNOT = (
    "cannot,can not,can't,could not,couldn't,unable to,difficult to,hard to,impossible to,"
    "无法,無法,不能,难以,難以,很难,很難,不足以"
).split(",")

# Open a clause that names the evidence; it ends at the next comma or where something is concluded.
# 线索 (clue) opens the rest of its clause: 音频线索中激动的语气，也支持了这种推断。
EVIDENCE = (
    "based on,according to,considering,given the,judging by,judging from,combined with,"
    "combining,in combination with,根据,根據,结合,結合,通过,通過,基于,基於,从,從,综合,綜合,"
    "线索,線索"
).split(",")

_OTHERS = "对方 對方 别人 別人 他人".split()
_MAKE = "让 讓 使 令 引起 激起".split()
_HOLD = "认为 認為 以为 以為 知道 希望 询问 詢問".split()
_FEEL = ("", "感到", "觉得", "覺得")

# Make the word that follows the feeling of somebody else, or an open question.
OTHERS = (
    *(f"the other {who}'s" for who in ("person", "party", "side", "man", "woman")),
    *(make + other + feel for make in _MAKE for other in _OTHERS for feel in (*_FEEL, "的")),
    *(other + feel for other in _OTHERS for feel in (*_FEEL[1:], "的")),
    *("是否" + feel for feel in _FEEL),
)

# Open a clause about somebody else; it ends at the next comma.
OTHERS_CLAUSE = tuple(hold + other for hold in _HOLD for other in _OTHERS)

# Hold one of those and do not: a feeling towards somebody else (对对方的不满).
TOWARDS = tuple(to + other + "的" for to in "对 對 对于 對於 向".split() for other in _OTHERS)

ENDS = (*".!?;。！？；", "\n")

# What an adjective right before them is said of, in place of the person.
THINGS = (
    "situation situations atmosphere topic topics matter matters event events scene scenes "
    "environment issue issues problem problems clue clues word words content moment moments news "
    "relationship circumstances pace pitch volume background"
).split()

# The same in Chinese, after 的 and at most four characters more (令人不安的医疗情况).
THINGS_ZH = (
    "情况 情況 情境 局面 形势 形勢 氛围 氛圍 气氛 氣氛 话题 話題 事情 事件 事物 问题 問題 场景 "
    "場景 场面 場面 环境 環境 线索 線索 内容 內容 消息 新闻 新聞 关系 關係 音乐 音樂 节奏 節奏 "
    "音量 背景 时刻 時刻"
).split()

# Join words in Chinese and begin some: 和气 is no word in 不满和气愤.
JOINTS = "和 与 與 或 及 并 並 而".split()

# A Chinese emotion word of one character counts between these only: as a part of a longer word
# (语气, 困难) it has no meaning of its own.
BESIDE_ONE_CHARACTER = frozenset(
    " \t\n\"',.;:!?()，。；：！？、（）“”‘’…—"
    "的地得了着著过過和与與或及并並而且也又都还還在被让讓把对對很太真好更最挺不没沒有是到"
    "我你妳他她它们們人吗嗎吧呢啊呀"
)

# Emotion words that running text mostly uses in another sense; as a label they are one.
ORDINARY = frozenset(
    "emotional emotionally emotive content contents certain sure direct directly open openly low "
    "strong strongly heavy heavily active actively important importance support supports supported "
    "supporting engaged engage engages engaging determine determines question questions questioned "
    "challenge challenges challenging care cares consider considers consideration considerations "
    "interest interests like likes liked want wants wanted hope hopes reflect reflects reflecting "
    "reflected reflection think thinks thinking thought thoughts bright clear close cold warm "
    "pressure intense intensity sharp loud quiet quietly fast slow still natural naturally free "
    "hard soft light dark deep deeply gentle fine good well bad better best great right wrong true "
    "focus focused focuses pain need needs expect expects expected expecting respect shared share "
    "sharing real related mean means meaning trust trusted help helps helping helpful interesting "
    "attention aware awareness conscious involved involvement believe believes believed believing "
    "possible able busy illness moving moved release released avoid avoids avoiding avoided weak "
    "sensitive blank balanced threat touch touched press pressing burst sense impact affected lost "
    "losing loss present normal simple common sweet bitter broken hurting cut closed stuck "
    "自然 认真 認真 直接 开放 開放 重要 支持 关注 關注 思考 希望 注意 理解 相信 沉重 低沉 "
    "强烈 強烈 平稳 平穩 稳定 穩定 缓慢 緩慢 专注 專注 投入 情绪化 情緒化 激烈 确定 確定 肯定 "
    "明确 明確 帮助 幫助 挑战 挑戰 询问 詢問 提问 提問 讨论 討論 解释 解釋 强调 強調 建议 建議 "
    "提醒 回忆 回憶 真实 真實 压力 壓力 困难 困難 艰难 艱難 紧迫 緊迫 安静 安靜 好 不好 坏 壞 差 "
    "很好 不错 不錯 良好 喜欢 喜歡 想 想要 要 需要 期望 等待 尊重 分享 信任 参与 參與 忙 避免 "
    "回避 迴避 敏感 平衡 失去 简单 簡單 兴趣 興趣 感兴趣 感興趣 突然 接受 同意 成功 努力 "
    "重要性 柔和".split()
)
