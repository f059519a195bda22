"""Many tasks on many computers, over Dask distributed (the extra `farm`).

plain       what may travel: the name of a function of ours, and tasks of plain data
client      hands tasks to workers and yields what becomes of them
cluster     a scheduler and workers on this computer
pictures    the task of `deepdream dream --farm`: from file to file
films       the task of `deepdream video --farm`: a scene, from a film to files
"""
