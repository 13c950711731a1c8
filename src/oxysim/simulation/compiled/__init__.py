"""The compiled engine: the traced equations as vector instructions, eight dyads side by side.

docs/compiled_engine.md explains it to somebody who has never seen LLVM. In reading order:

- ``llvm_math``: arithmetic on vectors, functions without branches.
- ``compiled_system``: what is made code of, and where each value stands.
- ``llvm_code``: the operations of the equations as instructions.
- ``runge_kutta``: one step of the method in every lane.
- ``kernel_arguments``: schedules, outputs and noise as flat tables.
- ``kernel_template``: the loop that leads each lane through its schedule.
- ``compiled_engine``: the tables put together, and the loop run on all cores.
"""
