"""What the leaderboard says, in English and Chinese."""

from affecthub.hub_cards.spaces.look import Words
from affecthub.unibench import BENCHMARK_REPO

_SUBMIT_EN = f"""
1. Score your answers, or your model, with one command:
   `affecthub bench mer-unibench --model MODEL --data-root DATA --lexicon mer2025`
2. **A result file by pull request.** Put its `bench.json` into a folder of this Space,
   `results/YOUR-SYSTEM/bench.json`, and open a pull request. An `about.yaml` beside it says what
   the file cannot know: `system`, `modalities: [audio, video, text]`, `model` and `answers`
   (addresses; the journals in `answers/` make a good repository) and `notes`.
3. **Or from your model's own repository.** `affecthub push model` writes
   `.eval_results/mer_unibench.yaml`, which the Hub shows on the benchmark's page
   ([{BENCHMARK_REPO}](https://huggingface.co/datasets/{BENCHMARK_REPO})) and this page reads. Such
   scores are the authors' claim, and are marked so.
"""
_SUBMIT_ZH = f"""
1. 用一条命令给模型或答案打分：
   `affecthub bench mer-unibench --model MODEL --data-root DATA --lexicon mer2025`
2. **以合并请求提交结果文件。** 把得到的 `bench.json` 放进本 Space 的文件夹
   `results/YOUR-SYSTEM/bench.json`，然后发起合并请求。旁边的 `about.yaml` 写明文件本身不知道的事：
   `system`、`modalities: [audio, video, text]`、`model` 与 `answers`
   （网址；`answers/` 里的日志适合单独建库）以及 `notes`。
3. **或者写在模型自己的仓库里。** `affecthub push model` 会写出 `.eval_results/mer_unibench.yaml`，
   Hub 在基准页面（[{BENCHMARK_REPO}](https://huggingface.co/datasets/{BENCHMARK_REPO})）上显示它，
   本页也读取它。这类分数由作者自报，并如此标注。
"""
_CARE_EN = """
- **Lexicons.** A lexicon decides which words mean the same emotion. Scores under unlike lexicons,
  or unlike versions of one, do not compare, so each lexicon has a ranking of its own.
- **Protocols.** *One checkpoint* is chosen without looking at the test sets and answers all nine.
  *Best epoch on the test set* takes, for each set, the epoch that scores best on that very set, as
  the AffectGPT paper does: on its released answers this is worth 3.8 points over the last epoch.
- **Hit rate** asks for one right label among any number. Naming every label of a set scores 100,
  which is what the best constant answer does; F1 beside it takes that away.
- **The floor** knows the labels of the clips it answers and looks at none. What is not above the
  majority answer is marked ▽.
- **Intervals** are 95 % bootstrap intervals over the clips. Two systems whose intervals overlap may
  still differ: `affecthub bench compare` tests them on the same clips.
- **Stated by the paper** means copied from the AffectGPT paper's Table 2 and not scored here.
"""
_CARE_ZH = """
- **词表。** 词表决定哪些词算同一种情感。不同词表、或同一词表的不同版本下的分数不可相比，
  因此每个词表单独排名。
- **协议。** *单一检查点*在选择时不看测试集，并回答全部九个测试集。*测试集上最佳轮次*则按 AffectGPT
  论文的做法，在每个测试集上选取得分最高的一轮：在其公开答案上，这比最后一轮高 3.8 分。
- **命中率**只问众多标签里有没有一个正确。把一个测试集的所有标签都列出来可得 100 分，
  最佳固定答案正是如此；旁边的 F1 会扣除这种做法。
- **下限**知道所答片段的标签，却一个片段也不看。不高于多数类答案的分数标有 ▽。
- **区间**是对片段做自助法得到的 95 % 区间。区间重叠的两个系统仍可能有差别：
  `affecthub bench compare` 在相同片段上检验。
- **论文自述**指抄自 AffectGPT 论文表 2，并未在此打分。
"""

WORDS = Words(
    {
        "title": {"en": "MER-UniBench leaderboard", "zh": "MER-UniBench 排行榜"},
        "lead": {
            "en": "Nine test sets of multimodal emotion recognition, with intervals, and with what "
            "guessing scores always in sight.",
            "zh": "多模态情感识别的九个测试集：分数带区间，并始终标出瞎猜能得多少分。",
        },
        "lexicon": {"en": "Lexicon", "zh": "词表"},
        "protocol": {"en": "Protocol", "zh": "协议"},
        "modalities": {"en": "What a system is given", "zh": "系统的输入"},
        "sort": {"en": "Sort by", "zh": "排序"},
        "show": {"en": "Show", "zh": "显示"},
        "all_lexicons": {"en": "All, ranked apart", "zh": "全部（各自排名）"},
        "all": {"en": "All", "zh": "全部"},
        "intervals": {"en": "Intervals", "zh": "区间"},
        "second": {"en": "F1 and accuracy", "zh": "F1 与准确率"},
        "stated_rows": {"en": "Rows stated by the paper", "zh": "论文自述的行"},
        "fixed": {"en": "one checkpoint", "zh": "单一检查点"},
        "official-best-epoch": {"en": "best epoch on the test set", "zh": "测试集上最佳轮次"},
        "protocol_unsaid": {"en": "protocol not said", "zh": "协议未说明"},
        "lexicon_unsaid": {"en": "lexicon not said", "zh": "词表未说明"},
        "unsaid": {"en": "not said", "zh": "未说明"},
        "audio": {"en": "audio", "zh": "音频"},
        "video": {"en": "video", "zh": "视频"},
        "text": {"en": "text", "zh": "文本"},
        "rank": {"en": "Rank", "zh": "名次"},
        "system": {"en": "System", "zh": "系统"},
        "mean": {"en": "Mean", "zh": "平均"},
        "basic": {"en": "Basic emotions: hit rate", "zh": "基本情感：命中率"},
        "sentiment": {"en": "Sentiment: weighted F1", "zh": "情感极性：加权 F1"},
        "fine_grained": {"en": "Fine-grained: set-F", "zh": "细粒度：集合 F"},
        "caption": {
            "en": "Scores in per cent, higher is better; sorted by {column}, {order}.",
            "zh": "分数为百分比，越高越好；按{column}{order}排列。",
        },
        "highest": {"en": "highest first", "zh": "从高到低"},
        "lowest": {"en": "lowest first", "zh": "从低到高"},
        "ranked_under": {
            "en": "Lexicon {lexicon}, {protocol}",
            "zh": "词表 {lexicon}，{protocol}",
        },
        "stated_group": {
            "en": "Stated by the AffectGPT paper (Table 2), not scored here",
            "zh": "AffectGPT 论文（表 2）自述，并未在此打分",
        },
        "claimed": {"en": "claimed by its authors", "zh": "作者自报"},
        "of_sets": {"en": "of {n} of 9 sets", "zh": "9 个测试集中的 {n} 个"},
        "of_clips": {"en": "{n} of {all} clips", "zh": "{all} 个片段中的 {n} 个"},
        "answers": {"en": "answers", "zh": "答案"},
        "answers_of": {"en": "Answers of {system}", "zh": "{system} 的答案"},
        "majority": {"en": "Majority answer", "zh": "多数类答案"},
        "constant": {"en": "Best constant answer", "zh": "最佳固定答案"},
        "floor_under": {
            "en": "The floor: answers that look at no clip, under lexicon {lexicon}",
            "zh": "下限：不看任何片段的答案，词表 {lexicon}",
        },
        "unscored": {"en": "not scored", "zh": "未打分"},
        "unknown_floor": {
            "en": "not known: the labels of this set are not public",
            "zh": "未知：此测试集的标签未公开",
        },
        "below_floor": {
            "en": "not above the majority answer",
            "zh": "不高于多数类答案",
        },
        "interval": {"en": "95 % interval", "zh": "95 % 区间"},
        "f1": {"en": "F1", "zh": "F1"},
        "acc": {"en": "ACC", "zh": "ACC"},
        "no_rows": {
            "en": "No system fits these filters; the floor stands.",
            "zh": "没有符合筛选条件的系统；下限仍在。",
        },
        "counted": {
            "en": "{n} systems shown, sorted by {column}, {order}.",
            "zh": "显示 {n} 个系统，按{column}{order}排列。",
        },
        "unlike": {
            "en": "These systems were scored under unlike lexicons or protocols. Ranks hold within "
            "a block of the table alone.",
            "zh": "这些系统的词表或协议不同。名次只在表格的同一块内有效。",
        },
        "csv": {"en": "Download this table (CSV)", "zh": "下载此表（CSV）"},
        "care_title": {"en": "Read with care", "zh": "阅读须知"},
        "care": {"en": _CARE_EN, "zh": _CARE_ZH},
        "submit_title": {"en": "Add a system", "zh": "提交系统"},
        "submit": {"en": _SUBMIT_EN, "zh": _SUBMIT_ZH},
        "problems_title": {"en": "Not read", "zh": "未能读取"},
        "problems_lead": {
            "en": "These files or repositories are not in the table.",
            "zh": "以下文件或仓库不在表中。",
        },
        "table_of": {"en": "Table of scores, scrolls sideways", "zh": "分数表，可左右滚动"},
    }
)
# The sets as a table's heads name them; the same in each language.
HEADS = {
    "mer2023": "MER2023",
    "mer2024": "MER2024",
    "meld": "MELD",
    "iemocap": "IEMOCAP",
    "cmu_mosi": "MOSI",
    "cmu_mosei": "MOSEI",
    "ch_sims": "SIMS",
    "ch_sims_v2": "SIMS v2",
    "ov_merd": "OV-MERD+",
}
