"""Do the newest clients still go through the proxy?"""
