// MAE% = 0.17 %
/* nothing else */
