from cx_metrics.intake.source import Source
SOURCE = Source("qualtrics", "Qualtrics", "", lambda p: p.name.startswith("relationship"), lambda ps: [])
