using Laurel.Engine.Nodes;

namespace Laurel.Platform.Vault;

/// <summary>Whether the running nodes can open what each of them seals, and whether they seal under the same master key. See <c>docs/adr/0105</c>.</summary>
/// <remarks>A node that tells no keys is of an earlier version; it is taken to have them all.</remarks>
public static class MasterKeyAgreement
{
    /// <summary>Keeps a process from starting that would seal what another cannot open, or meet what it cannot open itself.</summary>
    /// <param name="nodes">May have this one among them.</param>
    /// <exception cref="MasterKeysUnreadableException">When it must not start.</exception>
    public static void Require(MasterKeys keys, IReadOnlyList<LiveNode> nodes)
    {
        foreach (var node in nodes.Where(Tells))
        {
            if (!keys.Ids.Contains(node.MasterKeyIds[0]))
            {
                throw new MasterKeysUnreadableException(
                    $"The node {node.Holder} seals under the master key '{node.MasterKeyIds[0]}', which is not here. Give this node the same keys.");
            }

            if (!node.MasterKeyIds.Contains(keys.CurrentId))
            {
                throw new MasterKeysUnreadableException(
                    $"The node {node.Holder} has not the master key '{keys.CurrentId}' that this one would seal under. Start that node again with it first; "
                    + $"one that died is forgotten after {NodeLease.LeaseDuration.TotalSeconds:0} seconds.");
            }
        }
    }

    /// <summary>Nodes that cannot open what is sealed under a key.</summary>
    public static IReadOnlyList<LiveNode> WithoutKey(string id, IReadOnlyList<LiveNode> nodes) =>
        [.. nodes.Where(node => Tells(node) && !node.MasterKeyIds.Contains(id))];

    /// <summary>Nodes that seal under another key than this.</summary>
    public static IReadOnlyList<LiveNode> SealingUnderOthers(string id, IReadOnlyList<LiveNode> nodes) =>
        [.. nodes.Where(node => Tells(node) && node.MasterKeyIds[0] != id)];

    private static bool Tells(LiveNode node) => node.MasterKeyIds.Count > 0;
}
