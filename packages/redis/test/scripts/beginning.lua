local ready = 'beginning'
