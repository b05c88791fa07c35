using System.Collections.Frozen;

namespace CustomerPipeline.Domain.Identity.Linkage;

/// <summary>Short forms of given names, common ones of English and German. A form may belong to several names.</summary>
internal static class Nicknames
{
    private static readonly FrozenDictionary<string, FrozenSet<string>> LongFormsOf = new[]
    {
        "alexander alex sandy", "alexandra alex sandra", "andreas andi", "andrew andy drew", "anthony tony", "barbara barb babs", "benjamin ben", "catherine cathy kate katie", "charles charlie chuck",
        "christian chris", "christina chris tina", "christopher chris", "daniel dan danny", "david dave", "deborah deb debbie", "donald don", "dorothy dot dottie", "edward ed eddie ted",
        "elizabeth beth betty liz lisa eliza", "frances fran", "francis frank", "franz franzi", "friedrich fritz", "gerald gerry jerry", "gregory greg", "hans hansi", "jacob jake", "jacqueline jackie",
        "james jim jimmy jamie", "jeffrey jeff", "jennifer jen jenny", "jessica jess", "johannes hannes jo", "john jack johnny", "jonathan jon", "joseph joe joey", "joshua josh", "karoline caro",
        "katharina kathi", "katherine kate kathy katie", "kenneth ken", "kimberly kim", "lawrence larry", "leonard len", "margaret maggie meg peggy", "matthew matt", "matthias matze", "maximilian max",
        "michael mike mick michi", "nicholas nick", "patricia pat patty tricia", "patrick pat", "peter pete", "philip phil", "rebecca becky", "richard rich rick dick", "robert bob bobby rob bert",
        "ronald ron", "samantha sam", "samuel sam", "sebastian basti", "stephen steve", "steven steve", "susanna susi", "susan sue susie", "theodore ted theo", "thomas tom tommy", "timothy tim",
        "ulrich uli", "victoria vicky", "walter walt", "wilhelm willi", "william bill billy will", "zachary zach",
    }.Select(line => line.Split(' ')).SelectMany(line => line.Select(form => (Form: form, Long: line[0]))).GroupBy(f => f.Form, f => f.Long).ToFrozenDictionary(f => f.Key, f => f.ToFrozenSet());

    /// <summary>Whether two given names are forms of one.</summary>
    public static bool AreForms(string left, string right) =>
        LongFormsOf.TryGetValue(left, out var ofLeft) && LongFormsOf.TryGetValue(right, out var ofRight) && ofLeft.Overlaps(ofRight);
}
