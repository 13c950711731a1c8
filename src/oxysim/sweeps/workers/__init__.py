"""Who computes the blocks of a sweep: tasks that wait, and the processes that take them.

pooled_tasks  each task of a sweep with what came of it, whatever becomes of its worker
work_queue    tasks that wait, that are being computed and that have ended
worker_pools  this process, processes of our own, or an executor from outside
"""
