// What a promoter's software does with node-easywechat; only the address is another one. Prints one JSON object.
const { MiniApp } = require('node-easywechat');

const { BASE, APPID, SECRET } = process.env;
const app = new MiniApp({ app_id: APPID, secret: SECRET, http: { baseURL: BASE } });
const client = app.getClient();
const get = async (path, params = {}) => (await client.get(path, { params })).toObject();
const post = async (path, json) => (await client.post(path, { json })).toObject();

const steps = {
  async share() {
    const place = await post('/union/promoter/promotion/add', { promotionSourceName: '公众号' });
    const listed = await get('/union/promoter/product/list', {
      from: 0, limit: 20, query: '青瓷', shippingMethods: { express: 1 }, productId: [],
    });
    const product = listed.productList[0];
    const made = await post('/union/promoter/product/generate', {
      pid: place.pid,
      productList: [
        { productId: product.productId, appId: product.shopInfo.appId, customizeInfo: '文章 3' },
      ],
    });
    return { place, listed, made };
  },
  async orders() {
    const searched = await get('/union/promoter/order/search', { page: 1, pageSize: 20, sortByCommissionUpdateTime: 1 });
    const read = await post('/union/promoter/order/info', { orderIdList: searched.orderList.map((one) => one.orderId) });
    return { searched, read };
  },
};

steps[process.argv[2]]().then(
  (found) => console.log(JSON.stringify(found)),
  (error) => { console.error(error); process.exit(1); },
);
