"""Words that tell where a description concludes, what it only cites, and what it says of things.

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

# Open a clause that names the evidence; it ends at the next comma.
EVIDENCE = (
    "based on,according to,considering,given the,judging by,judging from,combined with,"
    "combining,in combination with,根据,根據,结合,結合,通过,通過,基于,基於,从,從,综合,綜合"
).split(",")

ENDS = (*".!?;。！？；", "\n")

# What an adjective right before them is said of, in place of the person.
THINGS = (
    "situation situations atmosphere topic topics matter matters event events scene scenes "
    "environment issue issues problem problems clue clues word words content moment moments news "
    "relationship circumstances pace pitch volume background"
).split()

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
    "强烈 強烈 平稳 平穩 稳定 穩定 缓慢 緩慢 专注 專注 投入".split()
)
