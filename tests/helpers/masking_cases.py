"""What masking must find, with the text it must leave; and clinical text that it must not touch."""

from __future__ import annotations

NAMES = ("John Smith", "O'Brien", "Zhang Wei", "王小明", "欧阳娜娜", "Müller", "陈 静")

# One case a line: the text, then what is left of it.
POSITIVES = """\
seen 2024-03-01 | seen [date]
2024/3/1 | [date]
2024.03.01 | [date]
2024 - 03 - 01 | [date]
2024–03–01 | [date]
2024-03-01T12:30:00Z | [date]
2024-03-01 12:30 | [date]
2024-3-1 14:05:09 | [date]
20240301 | [date]
20240301T1230 | [date]
01032024 | [date]
1/3/24 | [date]
1/3/2024 | [date]
01/03/2024 | [date]
31/12/99 | [date]
12/31/1999 | [date]
01.03.2024 | [date]
1.3.24 | [date]
01-03-2024 | [date]
1-3-24 | [date]
1 / 3 / 2024 | [date]
01 03 2024 | [date]
1/3/'24 | [date]
(1/3/24) | ([date])
op 1/3/24, well | op [date], well
03/2024 | [date]
3/2024 | [date]
2024-03 | [date]
2024/03 | [date]
03-2024 | [date]
03.2024 | [date]
3 Mar 2024 | [date]
3 March 2024 | [date]
3rd March 2024 | [date]
3rd of March, 2024 | [date]
03-MAR-2024 | [date]
3-Mar-24 | [date]
3/Mar/2024 | [date]
3Mar2024 | [date]
3 OCT 2024 | [date]
5 may 2023 | [date]
3 Mar 24 | [date]
21st June | [date]
3 Mar | [date]
the 2nd of May | the [date]
4 July review | [date] review
March 3, 2024 | [date]
Mar 3 2024 | [date]
mar 3rd, 2024 | [date]
March 3 | [date]
Sept 12 | [date]
Dec 25th | [date]
March 2024 | [date]
Sep. 2019 | [date]
Mar '85 | [date]
Mar-85 | [date]
Jan-24 | [date]
2024 Mar 3 | [date]
2024-Mar-03 | [date]
3. März 2024 | [date]
3 mars 2024 | [date]
3 de marzo de 2024 | [date]
DOB 12/5 | DOB [date]
DOB: 12/05/1961 | DOB: [date]
admitted 3/4 | admitted [date]
on 3/4 with pain | on [date] with pain
discharged 28/2 | discharged [date]
LMP 14/6 | LMP [date]
2024年3月1日 | [date]
2024 年 3 月 1 日 | [date]
于2024年3月1日入院 | 于[date]入院
2024年3月入院 | [date]入院
2024年03月01号 | [date]
24年3月1日复查 | [date]复查
3月1日手术 | [date]手术
3月1-5日 | [date]
3月15号 | [date]
2024-3-1入院 | [date]入院
2024.3.1行手术 | [date]行手术
二〇二四年三月一日 | [date]
二零二四年三月 | [date]
三月十五日 | [date]
三月十五号复诊 | [date]复诊
正月初五发病 | [date]发病
农历八月十五 | [date]
腊月廿三 | [date]
民国113年3月1日 | [date]
民國一百一十三年三月一日 | [date]
民国72年生 | [date]生
113/03/01 | [date]
令和6年3月1日 | [date]
昭和45年 | [date]
２０２４年３月１日 | [date]
２０２４－０３－０１ | [date]
20\u200b24-03\u200b-01 | [date]
2024\u00a0-\u00a003-01 | [date]
13800138000 | [phone]
138 0013 8000 | [phone]
138-0013-8000 | [phone]
138.0013.8000 | [phone]
138_0013_8000 | [phone]
138*0013*8000 | [phone]
1 3 8 0 0 1 3 8 0 0 0 | [phone]
1-3-8-0-0-1-3-8-0-0-0 | [phone]
138 001 38000 | [phone]
１３８００１３８０００ | [phone]
138００１38000 | [phone]
１３８－００１３－８０００ | [phone]
138\u200b0013\u200b8000 | [phone]
1\u20623800138000 | [phone]
١٣٨٠٠١٣٨٠٠٠ | [phone]
一三八零零一三八零零零 | [phone]
幺三八〇〇幺三八〇〇〇 | [phone]
+86 138 0013 8000 | [phone]
+8613800138000 | [phone]
0086-138-0013-8000 | [phone]
电话13800138000联系 | 电话[phone]联系
010-65432100 | [phone]
(010) 65432100 | [phone]
0755 26543210转801 | [phone]
021-6543210 | [phone]
400-820-8820 | [phone]
800 820 8820 | [phone]
电话：65432100 | 电话：[phone]
联系方式 6543 2100 | 联系方式 [phone]
手机号：1380013800 | 手机号：[phone]
0912-345-678 | [phone]
852 9123 4567 | [phone]
(415) 555-0123 | [phone]
415-555-0123 | [phone]
415.555.0123 | [phone]
415 555 0123 | [phone]
4155550123 | [phone]
1-415-555-0123 | [phone]
+1 (415) 555-0123 | [phone]
+1 415 555 0123 ext. 45 | [phone]
415-555-0123 x45 | [phone]
+44 20 7946 0958 | [phone]
+44 (0)20 7946 0958 | [phone]
+44.20.7946.0958 | [phone]
020 7946 0958 | [phone]
07700 900123 | [phone]
07700900123 | [phone]
0161 496 0000 | [phone]
0044 20 7946 0958 | [phone]
+49 30 1234567 | [phone]
030/1234567 | [phone]
01 23 45 67 89 | [phone]
+33 1 23 45 67 89 | [phone]
98765 43210 | [phone]
+91 98765 43210 | [phone]
0412 345 678 | [phone]
090-1234-5678 | [phone]
call 555-0123 | call [phone]
tel: 5550123 | tel: [phone]
Phone no. 1234 5678 | Phone no. [phone]
fax 555 01 23 45 | fax [phone]
john.smith@example.org | [e-mail]
mail me@x.co.uk now | mail [e-mail] now
联系zhang_wei@163.com谢谢 | 联系[e-mail]谢谢
john @ example.com | [e-mail]
john [at] example [dot] org | [e-mail]
write to john.smith(at)example.org please | write to [e-mail] please
john at example dot org | [e-mail]
ｊｏｈｎ＠ｅｘａｍｐｌｅ．ｏｒｇ | [e-mail]
https://ehr.example.org/patient/123?x=1 | [url]
see http://10.0.0.5/notes. | see [url].
www.example.org/a | [url]
ehr.example.com | [url]
portal.nhs.uk/login | [url]
10.20.30.40 | [url]
微信号：zhangwei_88 | 微信号：[id]
QQ 123456789 | QQ [id]
MRN 123456 | MRN [record]
MRN: A123456 | MRN: [record]
MRN#0012345 | MRN#[record]
mrn is 445566 | mrn is [record]
Hosp No 12345 | Hosp No [record]
Hosp. No.: H-123456 | Hosp. No.: [record]
Hospital number 1234567 | Hospital number [record]
Patient ID: 998877 | Patient ID: [record]
pt id 4455 | pt id [record]
Case no. 20231 | Case no. [record]
NHS number 943 476 5919 | NHS number [record]
Accession # RAD-2024-00123 | Accession # [record]
Passport no: X1234567 | Passport no: [record]
specimen no 22-004512 | specimen no [record]
# 445566 | # [record]
No. 1234567 | No. [record]
住院号123456 | 住院号[record]
住院号：ZY00123456 | 住院号：[record]
住院号 1234 5678 | 住院号 [record]
病历号是0012345 | 病历号是[record]
病历号：１２３４５６ | 病历号：[record]
病案号 B-20240031 | 病案号 [record]
门诊号:8877665 | 门诊号:[record]
登记号0000123456 | 登记号[record]
影像号 CT20240301001 | 影像号 [record]
医保卡号：123456789 | 医保卡号：[record]
床号12 | 床号[record]
病歷號 778899 | 病歷號 [record]
11010519491231002X | [id]
身份证11010519491231002X号 | 身份证[id]号
110105 19491231 002X | [id]
110105-1949-1231-002X | [id]
１１０１０５１９４９１２３１００２Ｘ | [id]
1 1 0 1 0 5 1 9 4 9 1 2 3 1 0 0 2 X | [id]
110105194912310021 | [id]
130503670401001 | [id]
078-05-1120 | [id]
SSN 078-05-1120 | SSN [record]
078 05 1120 | [id]
943 476 5919 | [id]
943-476-5919 | [id]
AB 12 34 56 C | [id]
AB123456C | [id]
A123456789 | [id]
A123456(7) | [id]
4111 1111 1111 1111 | [id]
2345 6789 0123 | [id]
900101-1234567 | [id]
seen with John Smith | seen with [name]
JOHN SMITH | [name]
john  smith's wife | [name]'s wife
John\u200bSmith | [name]
John-Smith | [name]
Jo\u00adhn Smith | [name]
O’Brien reviewed | [name] reviewed
Zhang, Wei | [name]
王小明诉头痛 | [name]诉头痛
王 小 明 | [name]
患者王小明，男 | 患者[name]，男
欧阳娜娜 | [name]
Mu\u0308ller | [name]
MULLER | [name]
Ｊｏｈｎ　Ｓｍｉｔｈ | [name]
陈静复诊 | [name]复诊
John Smith 1/3/24 MRN 123456 13800138000 | [name] [date] MRN [record] [phone]
王小明 2024年3月1日 住院号123456 | [name] [date] 住院号[record]
"""

CLINICAL_EN = """\
6/6 vision
VA 6/18 RE, 6/9 LE
20/40 OD 20/200 OS
20/20/20 rule
BP 120/80
BP 120/80 mmHg, HR 72
24/7 pain
pain 24/7 on 8/10
pain 8/10
T2 hyperintensity
T2DM w/ CKD
T10-11 disc
L4/5 disc prolapse
L4-5 and L5-S1
C5/6 radiculopathy
ribs 10/11/12
right ribs 4/5/6
HPV 6/11/16
HPV 16/18/45
G2P1
G3P2A1 at 38+2 weeks
38+2/40
GCS 15/15
GCS 3-5-6
power 4/5
3/6 systolic murmur
II/VI murmur
NYHA III
HbA1c 7.2%
HbA1c 53 mmol/mol
Na 140, K 4.5, Cl 100
glucose 150 140 160 90
WBC 12000
platelets 150000/ul
Plt 150 x 10^9/L
4,500,000/uL
E. coli 100000 cfu/ml
pH 7.35-7.45
ABG 7.35/40/90/24
INR 2-3
Hb 10.5 g/dL
creatinine 1.2
troponin 0.04
PSA 4.5
CA 19-9
CA 15-3 elevated
CA-125 35 U/ml
IL-6
CD4 350
IgG4
COVID-19
2019-nCoV
SARS-CoV-2
PM2.5
FEV1/FVC 0.7
FEV1 1.2 L (45%)
500-1000 mg
500-750-1000 mg
250 500 1000 mg
10-12-14 mm stent
10-20-30 mg
5 mg 1-0-1
1-1-1 dosing
1-0-1-0
5-FU
6-MP
1/2 tablet
on 1/2 strength dose
1/2 pint
take 1-2 tabs q4-6h
q4h prn
bd x 7/7
for 5/7
1/7 hx of cough
2/52 history
3/12 hx of cough
since 3/12
6/12 ago
10/7 of antibiotics
x3/7
0.9% NaCl 1000 ml
1:1000 adrenaline
1:10 dilution
ratio 2:1
1,000,000 IU
1.2 million units
100000 units
2.5 mg/kg/day
3.5 x 2.1 x 1.2 cm
10x12x14 mm
2.5-3.5 cm
+2.50 -1.25 x 180
+12.50 -11.25 x 180
-3.50 / -1.00 x 90
+1.00 add +2.50
IOP 14/16
IOP 18 mmHg
C/D 0.3/0.4
K 43.5/44.25
cyl -1.25 axis 90
N5 at 33 cm
OCT macula
OCT 250 microns
2 OCT scans
RE OCT 5 lines
MAR chart
may 2 be viral
may be 10 days
5 may have it
March fracture
May-Thurner syndrome
age 72
72 yo male
72M
aged 65 years
since 2019
in 2019
1998-2003
2019-20 season
stroke in 2015
in the 1990s
summer of 2018
12:30 onset
at 08:00
Gleason 3+4=7
T4N2M0
pT2N1M0
stage IIIB
Grade 2/3
ECOG 1
APACHE 18
MMSE 24/30
SF-36
DSM-5
ICD-10-CM
E11.9
H53.8
S72.001A
W19XXXA
M8000/3
Z96.1
I10
LOINC 2345-7
12345-6
S1Q3T3
QTc 450 ms
EF 45-50%
25(OH)D 30 ng/ml
1,25-dihydroxyvitamin D
omega-3
vitamin B12
B12 200 pg/ml
Factor VIII
factor V Leiden
hepatitis B
Hep B sAg+
type 1/2 diabetes
type 2 diabetes
trisomy 21
46,XX
47,XY,+21
t(9;22)
del(5q)
BRCA1/2
CYP2D6
HLA-B27
5 x 5
x2 daily
2 puffs qid
1st MTP
2nd degree burn
3rd nerve palsy
4th ventricle
5th metacarpal fracture
CN III/IV/VI
R > L
?PE
temp 38.5
T 37.2 P 80 R 18
SpO2 94% on 2L
RR 18
BMI 32.5
weight 72.5 kg
120 kg
5'10"
height 178 cm
60 bpm
100/min
50-100 mmHg
10^6 copies
2-0 Vicryl
18G needle
8 Fr catheter
16/40 pregnant
28/40 weeks
day 3/7
cycle 2/6
dose 3 of 6
left 2/3 of lung
1/3 of the shaft
case no 3
lab no change
call 120
pain @ night
500mg@bedtime
e.g. rash
i.e. none
b.i.d. p.o.
a.m. stiffness
St. John's wort
Graves disease
Crohn's
"""

CLINICAL_ZH = """\
血压120/80mmHg
右眼视力0.8
视力5.0/4.8
矫正视力1.0
裸眼视力4.9
眼压21mmHg
眼压右14左16
-3.50DS/-1.00DC×180
+2.00DS
3/6级收缩期杂音
肌力5-级
四肢肌力5级
每日2次
一日3次
0.5mg/日
100mg bid
10^9/L
血小板150×10^9/L
白细胞12000
3×2cm
3.5×2.1×1.2cm
病史3年
病史10年3月
病史二十年三月余
病史3年2月
3月前
术后2月
术后3月余
近三月
三月余
一月余
半月前
每月2次
6月龄
2月大婴儿
十月怀胎
孕38+2周
孕2产1
G2P1
2型糖尿病
1型糖尿病
2型糖尿病肾病
腰4/5椎间盘突出
L4/5椎间盘
C5-6椎间盘
第3-5肋骨骨折
第4/5掌骨骨折
胸12椎体压缩性骨折
24小时尿蛋白
24小时动态血压
乙肝两对半1、3、5阳性
乙肝1,4,5阳性
血糖7.8mmol/L
空腹血糖7.8
糖化6.5%
HbA1c 6.5%
血钾3.5-5.5
ICD编码H25.100
S72.000x001
E11.900
M80000/3
CA19-9升高
CA153
CA125
AFP 400ng/ml
新冠2019
新型冠状病毒
丙肝1b型
HPV16/18阳性
HPV 52型
3-0丝线
1:1000肾上腺素
1/2片
半片
第2/3指
NYHA III级
心功能2-3级
EF 55%
QTc 450ms
体温38.5
T 37.2℃ P 80次/分
脉搏80次/分
呼吸18次/分
BP 120/80
身高178cm体重72.5kg
年龄72岁
72岁男性
患者65岁
2019年体检
2019年起
1998年手术
90年代
上世纪80年代
春节后
12:30发作
早上8点
T4N2M0
pT2N1M0
IIIB期
Gleason评分3+4=7
21三体
21号染色体
9号染色体
5号牙
46牙
右上6
五官科
三叉神经痛
三尖瓣关闭不全
四肢麻木
二尖瓣狭窄
一过性黑矇
十二指肠溃疡
十二指肠球部溃疡
八月瘦
三七粉
六味地黄丸
白内障术后
右眼白内障术后
双眼老花
近视300度
散光100度
-6.00D
高度近视
左眼0.3
杯盘比0.3
C/D=0.5
角膜曲率43.5/44.25
眼轴24.5mm
IOL 21.0D
OCT示黄斑水肿
OCT检查
FFA
0.1%滴眼液
0.9%氯化钠1000ml
500ml
1000万单位
80万单位
5000IU
3-5天
7-10日
3/7天
2-3周
6个月
每周3次
3次/周
每8小时
q8h
1-2片
10-20mg
2:1
120次/分
50-60%
约2/3
>60%
3+
尿蛋白2+
隐血+
5/12
"""


def lines(block: str) -> list[str]:
    """The cases of a block; escapes such as `\\u200b` are of this file already."""
    return [line for line in block.split("\n") if line]


def positives() -> list[tuple[str, str]]:
    """Pairs of text and what is left of it."""
    pairs = (line.split(" | ") for line in lines(POSITIVES))
    return [(text, left) for text, left in pairs]


def clinical() -> list[str]:
    """English and Chinese clinical text."""
    return lines(CLINICAL_EN) + lines(CLINICAL_ZH)
