// Where the figures of the catalogue come from. A key names one page; the letters group them: a GPUs, r NPUs, m memory that
// computes, p power, q prices, g and b measurements.

interface Source {
  readonly title: string
  /** Address without scheme; null where there is no page. */
  readonly address: string | null
}

const page = (title: string, address: string): Source => ({ title, address })

const pages = {
  unread: { title: 'Not read in any page; to be checked', address: null },

  a1: page('NVIDIA H100, notes of G. Lockwood', 'glennklockwood.com/garden/processors/h100'),
  a2: page('NVIDIA H200 and B300 compared', 'itkb.uw.cz/2026/06/nvidia-h200-vs-b300-precisions-cores.html'),
  a3: page('NVIDIA B200, notes of G. Lockwood', 'glennklockwood.com/garden/processors/B200'),
  a4: page('Copy of a vendor table of NVIDIA accelerators', 'zdszero.github.io'),
  a5: page('Accelerator catalog of Roofline Notes', 'rooflinenotes.dev/accelerators'),
  a6: page('AMD MI300X at CodeSOTA', 'codesota.com/hardware/mi300x'),
  a7: page('NVIDIA A100, notes of G. Lockwood', 'glennklockwood.com/garden/processors/A100'),
  a8: page('NVIDIA B300, notes of G. Lockwood', 'glennklockwood.com/garden/processors/B300'),
  a9: page('GB300 NVL72 architecture, by a cloud that rents it', 'verda.com/blog/gb300-nvl72-architecture'),
  a10: page('Hopper microarchitecture, copy of an encyclopedia', 'wikimili.com/en/Hopper_(microarchitecture)'),
  a11: page('A line-up of accelerators with release years', 'gentic.news/ai-data-centers/learn/compute'),
  a12: page('Guide to the A100, by a cloud that rents it', 'thundercompute.com/blog/nvidia-a100-specs-full-guide'),
  a13: page('GH200 at AI Wiki', 'aiwiki.ai/wiki/nvidia_gh200'),
  a14: page('NVIDIA B300 at Yobitel', 'yobitel.com/knowledge-base/nvidia-b300'),
  a15: page(
    'Hardware assumptions of a book on distributed training',
    'ttsugriy.github.io/distributed-training-book/appendices/hardware-assumptions',
  ),

  r1: page('The REBEL-Quad and its predecessors, ASCII.jp', 'ascii.jp/elem/000/004/379/4379440'),
  r2: page('Rebellions: architecture of the ATOM', 'docs.rbln.ai/ko/software/profiler/architecture.html'),
  r3: page('Rebellions: release notes 0.8.0', 'docs.rbln.ai/v0.8.0/supports/release_note.html'),
  r4: page('Rebellions: REBEL-Quad white paper', 'rebellions.ai/?p=92503'),
  r5: page('FuriosaAI: overview of the RNGD', 'furiosa-runtime-docs.pages.dev/overview/rngd'),
  r6: page('RNGD measured beside GPUs, b-lab', 'b-lab.team/en/content/ada3ac02'),
  r7: page('Rebellions: architecture of the Rebel100', 'docs.rbln.ai/v0.12.0/software/profiler/architecture.html'),
  r8: page(
    'The Rebel100 at ISSCC 2026, Tom’s Hardware',
    'tomshardware.com/tech-industry/semiconductors/isscc-2026-rebellions-ucie-rebel-100',
  ),
  r9: page(
    'The Rebel100 at ISSCC 2026, AI Wire News',
    'aiwirenews.com/industry-pioneers-unveil-revolutionary-quad-chiplet-ai-accelerator',
  ),
  r10: page('FuriosaAI: hardware of the Warboy', 'developer.furiosa.ai/docs/latest/ko/npu/warboy.html'),
  r11: page('FuriosaAI: first SDK for the RNGD', 'developer.furiosa.ai/v2024.1.0/en/whatsnew/index.html'),
  r12: page('FuriosaAI and its servers, digest of a news site', 'reportify.ai'),
  r13: page('The RNGD at Hot Chips 2024, ServeTheHome', 'servethehome.com/?p=79989'),
  r14: page('SAPEON X330 due in late 2023, Digital Daily', 'm.ddaily.co.kr/page/view/2022120915490338573'),

  m1: page('SK hynix on memory-centric computing', 'aivon.com'),
  m2: page('GDDR6-AiM announced, TweakTown', 'tweaktown.com/news/84615'),
  m3: page(
    'AiMX at Hot Chips 2024, ServeTheHome',
    'servethehome.com/sk-hynix-ai-specific-computing-memory-solution-aimx-xpu-at-hot-chips-2024',
  ),
  m5: page(
    'Samsung puts a processor into memory, Maximum PC',
    'pressreader.com/usa/maximum-pc/20210330/281706912455631',
  ),
  m6: page(
    'UPMEM at Hot Chips 31, AnandTech',
    'anandtech.com/show/14750/hot-chips-31-analysis-inmemory-processing-by-upmem',
  ),

  p1: page('Power of training clusters', 'kshirol-dev.github.io'),
  p2: page('Power of DGX systems', 'unanswered.io/guide/nvidia-dgx-power-consumption-watts'),
  p3: page('Power of DGX B200 and B300', 'thedailyscout.com/s/mS-qfkbCluI'),

  q1: page('Price of an H100 server, AI Times', 'aitimes.com (article 159306)'),
  q2: page('Price of H100-class GPUs, Dong-A', 'livein.co.kr'),
  q3: page('GPU prices of clouds, Mercatus', 'mercatus-ai.com/blog/cloud-gpu-pricing'),
  q4: page('GPU price index, AIMultiple', 'aimultiple.com/gpu-index'),
  q5: page('GPU prices at Host360', 'host360.ai'),
  q6: page('H200, B200 and GB200 compared, Spheron', 'spheron.network/blog/nvidia-h200-vs-b200-vs-gb200'),
  q7: page('Price of the B200 in clouds, Lyceum', 'lyceum.technology/magazine/nvidia-b200-gpu-cloud-pricing-2026'),

  g1: page('H100 and A100 serving a 70B model', 'aiapiplaybook.com'),
  g2: page('B200, H200 and H100 serving Llama-2-70B', 'deploybase.ai/articles/b200-vs-h200-vs-h100'),
} as const satisfies Record<string, Source>

export type SourceKey = keyof typeof pages

export const figureSources: Readonly<Record<SourceKey, Source>> = pages
