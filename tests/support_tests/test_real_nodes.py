"""The server itself, started as the tests start it."""

from tests.support.nodes import QUICK, Cluster, http_status


async def test_two_nodes_on_one_redis_are_ready_and_end_when_told_to(redis_url):
    async with Cluster(redis_url, **QUICK) as cluster:
        nodes = [await cluster.add_node(), await cluster.add_node()]
        for node in nodes:
            assert await http_status(node.port, "/healthz") == 200
            await node.terminate()
            assert await http_status(node.port, "/healthz") is None


async def test_a_node_without_a_redis_is_ready_by_itself():
    async with Cluster() as cluster:
        node = await cluster.add_node()
        assert await http_status(node.port, "/healthz") == 200
